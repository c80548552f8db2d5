import Domain

/// Inputs, outputs and stages of a manifest.
extension ManifestCodec {
  /// Names that mean something else in a request's body.
  private static let reservedNames = ["id", "inputs", "outputs", "parameters"]

  static func input(_ reader: JSONReader) throws(WireError) -> InputSpecification {
    let column = try column(reader)
    guard !reservedNames.contains(column.name) else {
      throw reader["name"].error(expected: "a name other than id, inputs, outputs and parameters")
    }
    let isOptional = try reader["optional"].optional { optional throws(WireError) in try optional.bool() } ?? false
    let value = try reader["default"].optional { value throws(WireError) in try self.value(value, of: column.datatype) }
    if isOptional && value == nil {
      throw reader["default"].error(expected: "a value that stands in for a missing \(Quotation.name(column.name))")
    }
    let (minimum, maximum) = try range(reader, of: column)
    let (shortest, longest) = try lengths(reader, of: column)
    return InputSpecification(
      column: column, isOptional: isOptional, defaultValue: value, minimum: minimum, maximum: maximum,
      values: try values(reader["values"], of: column), pattern: try pattern(reader["pattern"], of: column),
      minimumLength: shortest, maximumLength: longest)
  }

  static func output(_ reader: JSONReader) throws(WireError) -> OutputSpecification {
    let column = try column(reader)
    let (minimum, maximum) = try range(reader, of: column)
    return OutputSpecification(
      column: column, minimum: minimum, maximum: maximum,
      values: try values(reader["values"], of: column, atMost: Limits.valuesPerOutput))
  }

  /// The list of the only values allowed.
  private static func values(
    _ reader: JSONReader, of column: ColumnDescriptor, atMost limit: Int = .max
  ) throws(WireError) -> [Value]? {
    try reader.optional { values throws(WireError) in
      var result: [Value] = []
      for element in try values.elements(atMost: limit) { result.append(try value(element, of: column.datatype)) }
      guard !result.isEmpty else { throw values.error(expected: "at least one value") }
      return result
    }
  }

  private static func column(_ reader: JSONReader) throws(WireError) -> ColumnDescriptor {
    _ = try reader.fields()
    let name = try reader["name"].text()
    guard !name.isEmpty, name.utf8.count <= Limits.identifierBytes else {
      throw reader["name"].error(expected: "a name of 1 to \(Limits.identifierBytes) bytes")
    }
    let datatype = try reader["datatype"].choice(Datatype.self)
    let width = try reader["width"].optional { width throws(WireError) in
      Int(try width.integer(in: 1...Int64(Limits.columnWidth)))
    }
    return ColumnDescriptor(name: name, datatype: datatype, width: width ?? 1)
  }

  private static func range(
    _ reader: JSONReader, of column: ColumnDescriptor
  ) throws(WireError) -> (minimum: Double?, maximum: Double?) {
    for name in ["minimum", "maximum"] where reader[name].value != nil {
      if column.datatype == .bool || column.datatype == .bytes {
        throw reader[name].error(expected: "no bound, since \(column.datatype.rawValue) has no order")
      }
    }
    let minimum = try reader["minimum"].optional { bound throws(WireError) in try bound.number() }
    let maximum = try reader["maximum"].optional { bound throws(WireError) in try bound.number() }
    if let minimum, let maximum, minimum > maximum {
      throw reader["maximum"].error(expected: "at least the minimum, \(Quotation.number(minimum))")
    }
    return (minimum, maximum)
  }

  private static func lengths(
    _ reader: JSONReader, of column: ColumnDescriptor
  ) throws(WireError) -> (minimum: Int?, maximum: Int?) {
    for name in ["minimum_length", "maximum_length"] where reader[name].value != nil && column.datatype != .bytes {
      throw reader[name].error(expected: "no bound, since \(column.datatype.rawValue) has no length")
    }
    func length(_ reader: JSONReader) throws(WireError) -> Int? {
      try reader.optional { length throws(WireError) in
        Int(try length.integer(in: 0...Int64(Limits.textCharacters)))
      }
    }
    let (minimum, maximum) = (try length(reader["minimum_length"]), try length(reader["maximum_length"]))
    if let minimum, let maximum, minimum > maximum {
      throw reader["maximum_length"].error(expected: "at least the minimum_length, \(minimum)")
    }
    return (minimum, maximum)
  }

  private static func pattern(_ reader: JSONReader, of column: ColumnDescriptor) throws(WireError) -> String? {
    guard let text = try reader.optionalText() else { return nil }
    guard column.datatype == .bytes else {
      throw reader.error(expected: "no pattern, since \(column.datatype.rawValue) is no text")
    }
    return text
  }

  static func value(_ reader: JSONReader, of datatype: Datatype) throws(WireError) -> Value {
    switch datatype {
    case .bool: return .bool(try reader.bool())
    case .int64: return .int64(try reader.integer())
    case .bytes: return .text(try reader.text())
    case .float64: return .number(try reader.number())
    case .float32:
      let number = try reader.number()
      guard Float(number).isFinite else { throw reader.error(expected: "a number that FP32 can hold") }
      return .number(number)
    }
  }

  // MARK: Stages

  static func stages(_ reader: JSONReader) throws(WireError) -> [StageSpecification] {
    for (name, _) in try reader.fields() where StageRole(rawValue: name) == nil {
      throw .invalid(
        path: reader.path, expected: "stages features, model, scoring and safeguard", found: Quotation.name(name))
    }
    var stages: [StageSpecification] = []
    for role in StageRole.allCases {
      let stage = reader[role.rawValue]
      if stage.value == nil {
        if role == .model { throw stage.error(expected: "a stage") }
        continue
      }
      _ = try stage.fields()
      stages.append(
        StageSpecification(
          role: role, engine: try engine(stage["engine"]), file: try path(stage["file"]),
          inputs: try mapping(stage["inputs"]), outputs: try mapping(stage["outputs"])))
    }
    return stages
  }

  private static func engine(_ reader: JSONReader) throws(WireError) -> String {
    let engine = try reader.text()
    guard engine == "onnx" || engine == "wasm" else { throw reader.error(expected: "one of \"onnx\", \"wasm\"") }
    return engine
  }

  private static func mapping(_ reader: JSONReader) throws(WireError) -> [String: String] {
    guard reader.value != nil else { return [:] }
    let fields = try reader.fields()
    guard fields.count <= Limits.columnsPerRelease else {
      throw reader.error(expected: "at most \(Limits.columnsPerRelease) names")
    }
    var mapping: [String: String] = [:]
    for (name, value) in fields { mapping[name] = try value.text() }
    return mapping
  }
}
