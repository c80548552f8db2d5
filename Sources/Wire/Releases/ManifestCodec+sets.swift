import Domain

/// The test sets and limits of a manifest.
extension ManifestCodec {
  static func endToEndSet(_ reader: JSONReader) throws(WireError) -> EndToEndSet {
    _ = try reader.fields()
    var set = EndToEndSet(file: try path(reader["file"]))
    if let relative = try optionalNumber(reader["relative_tolerance"], atLeast: 0) { set.relativeTolerance = relative }
    if let absolute = try optionalNumber(reader["absolute_tolerance"], atLeast: 0) { set.absoluteTolerance = absolute }
    return set
  }

  static func confidenceSet(_ reader: JSONReader) throws(WireError) -> ConfidenceSet {
    _ = try reader.fields()
    let slices = try reader["slices"].optional { slices throws(WireError) in
      var result: [ConfidenceSet.Slice] = []
      for element in try slices.elements(atMost: Limits.slicesPerRelease) { result.append(try slice(element)) }
      return result
    }
    let ratio = reader["maximum_cost_ratio"]
    return ConfidenceSet(
      file: try path(reader["file"]), metric: try reader["metric"].choice(Metric.self),
      average: try reader["average"].optional { average throws(WireError) in
        try average.choice(Metric.Average.self)
      } ?? .binary,
      prediction: try reader["prediction"].text(), positiveLabel: try label(reader["positive_label"]),
      acceptableRange: try range(reader["acceptable_range"]), decision: try reader["decision"].optionalText(),
      cost: try cost(reader["cost"]), maximumCostRatio: try positiveNumber(ratio) ?? 1, slices: slices ?? [])
  }

  /// `limits`: rows a request, milliseconds, and a multiple.
  static func limits(
    _ reader: JSONReader
  ) throws(WireError) -> (rows: Int, deadlineMilliseconds: Double?, slowdown: Double?) {
    guard reader.value != nil else { return (Limits.rowsPerRequest, nil, nil) }
    _ = try reader.fields()
    let rows = try reader["max_rows"].optional { rows throws(WireError) in
      Int(try rows.integer(in: 1...Int64(Limits.rowsPerRequestCeiling)))
    }
    let deadline = try positiveNumber(reader["deadline_ms"])
    if let deadline, deadline > Limits.deadlineCeilingMilliseconds {
      throw reader["deadline_ms"].error(
        expected: "at most \(Quotation.number(Limits.deadlineCeilingMilliseconds)) milliseconds")
    }
    return (rows ?? Limits.rowsPerRequest, deadline, try positiveNumber(reader["max_slowdown"]))
  }

  // MARK: Parts

  private static func slice(_ reader: JSONReader) throws(WireError) -> ConfidenceSet.Slice {
    _ = try reader.fields()
    var slice = ConfidenceSet.Slice(input: try reader["input"].text())
    slice.acceptableRange = try reader["acceptable_range"].optional { bounds throws(WireError) in try range(bounds) }
    slice.maximumGap = try optionalNumber(reader["maximum_gap"], atLeast: 0)
    if let rows = try reader["minimum_rows"].optional({ rows throws(WireError) in
      Int(try rows.integer(in: 1...Int64(Limits.testSetRows)))
    }) {
      slice.minimumRows = rows
    }
    return slice
  }

  private static func range(_ reader: JSONReader) throws(WireError) -> ClosedRange<Double> {
    let expected = "two numbers, the lower one first"
    guard case .array? = reader.value else { throw reader.error(expected: expected) }
    let bounds = try reader.elements()
    guard bounds.count == 2 else { throw reader.error(expected: expected) }
    let (lower, upper) = (try bounds[0].number(), try bounds[1].number())
    guard lower <= upper else {
      throw .invalid(
        path: reader.path, expected: expected, found: "[\(Quotation.number(lower)), \(Quotation.number(upper))]")
    }
    return lower...upper
  }

  private static func label(_ reader: JSONReader) throws(WireError) -> Value? {
    guard let value = reader.value else { return nil }
    guard let label = Value(label: value) else {
      throw reader.error(expected: "a label: a string, a number, true or false")
    }
    return label
  }

  private static func cost(_ reader: JSONReader) throws(WireError) -> [String: [String: Double]] {
    try bounded(reader)
    return try reader.dictionary { decisions throws(WireError) in
      try bounded(decisions)
      return try decisions.dictionary { cost throws(WireError) in try optionalNumber(cost, atLeast: 0) ?? 0 }
    }
  }

  private static func bounded(_ reader: JSONReader) throws(WireError) {
    guard reader.value != nil, try reader.fields().count > Limits.classesPerCost else { return }
    throw reader.error(expected: "at most \(Limits.classesPerCost) labels")
  }

  private static func optionalNumber(_ reader: JSONReader, atLeast minimum: Double) throws(WireError) -> Double? {
    guard reader.value != nil else { return nil }
    let number = try reader.number()
    guard number >= minimum else { throw reader.error(expected: "a number of at least \(Quotation.number(minimum))") }
    return number
  }

  private static func positiveNumber(_ reader: JSONReader) throws(WireError) -> Double? {
    guard reader.value != nil else { return nil }
    let number = try reader.number()
    guard number > 0 else { throw reader.error(expected: "a number above 0") }
    return number
  }
}

extension Value {
  /// A class as a document writes it: a whole number is an integer however it is written, so that 1.0 and 1 are one
  /// class.
  init?(label json: JSON) {
    guard let value = Value(json) else { return nil }
    if case .number(let number) = value, let integer = Int64(exactly: number), integer.magnitude < 1 << 53 {
      self = .int64(integer)
    } else {
      self = value
    }
  }

  /// The scalar of a document; nil for null, an array or an object.
  init?(_ json: JSON) {
    switch json {
    case .bool(let value): self = .bool(value)
    case .integer(let value): self = .int64(value)
    case .number(let value): self = .number(value)
    case .text(let text): self = .text(text)
    case .null, .array, .object: return nil
    }
  }
}
