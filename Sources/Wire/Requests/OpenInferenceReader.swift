import Domain

/// Reads the tensors of an Open Inference Protocol body (version 2, "Inference Request"): checks that they fit the
/// inputs and each other, and leaves a cursor for each input at its first row.
struct OpenInferenceReader {
  /// Values and their rules.
  let fields: FieldReader
  /// The release's outputs and the rows that it allows.
  let schema: RequestSchema

  private var tape: JSONTape { fields.tape }
  private var plan: RequestPlan { fields.plan }

  /// Reads the array of tensors at a position.
  /// - Returns: the number of rows.
  func open(inputs: Int) throws(RequestFailure) -> Int {
    plan.tensors.removeAll(keepingCapacity: true)
    plan.tensors.append(contentsOf: repeatElement(TensorCursor(), count: plan.fields.count))
    var rows: Int?
    var at = inputs + 1
    let end = tape.end(inputs)
    var number = 0
    while at < end {
      try open(tensor: at, place: "inputs[\(number)]", rows: &rows)
      at = tape.next(at)
      number += 1
    }
    for field in plan.fields.indices where plan.tensors[field].position == 0 && !plan.fields[field].hasDefault {
      throw fields.failure(field, FieldProblem(.missing, at: 0))
    }
    guard let rows else {
      throw RequestFailure(.schemaMismatch, "inputs: expected at least one tensor that the release knows")
    }
    return rows
  }

  private func open(tensor: Int, place: String, rows: inout Int?) throws(RequestFailure) {
    guard tape.kind(tensor) == .object else { throw mismatch(place, "an object", tensor) }
    let members = members(of: tensor)
    guard members.name != 0, tape.kind(members.name) == .string else {
      throw mismatch("\(place).name", "a string", members.name)
    }
    guard let field = plan.names.find(tape, members.name), field < plan.fields.count else {
      if plan.schema.unknownFields == .ignore { return }
      throw mismatch("\(place).name", fields.expectedInput, members.name)
    }
    guard plan.tensors[field].position == 0 else {
      throw RequestFailure(
        .schemaMismatch, "\(place).name: expected each input once, got \(Quotation.value(tape, members.name)) again")
    }
    try check(datatype: members.datatype, of: field, place: place)
    let count = try rowCount(shape: members.shape, of: field, place: place)
    if let rows, rows != count {
      throw RequestFailure(
        .schemaMismatch, "\(place).shape: expected \(rows) rows as in the inputs before, got \(count)")
    }
    guard count <= schema.maximumRows else {
      throw RequestFailure(.tooLarge, "\(place).shape: expected at most \(schema.maximumRows) rows, got \(count)")
    }
    rows = count
    plan.tensors[field] = try cursor(data: members.data, of: field, rows: count, place: place)
  }

  /// Positions of a tensor's members; 0 for what is absent.
  private struct Members {
    var name = 0
    var shape = 0
    var datatype = 0
    var data = 0
  }

  private static let memberNames = ["name", "shape", "datatype", "data"]

  private func members(of tensor: Int) -> Members {
    var members = Members()
    var at = tensor + 1
    let end = tape.end(tensor)
    while at < end {
      switch Self.memberNames.firstIndex(where: { name in tape.isString(at, name) }) {
      case 0: members.name = at + 1
      case 1: members.shape = at + 1
      case 2: members.datatype = at + 1
      case 3: members.data = at + 1
      default: break
      }
      at = tape.next(at + 1)
    }
    return members
  }

  private static let numericDatatypes = [
    "FP32", "FP64", "INT64", "INT32", "INT16", "INT8", "UINT8", "UINT16", "UINT32", "UINT64", "FP16",
  ]

  private func check(datatype position: Int, of field: Int, place: String) throws(RequestFailure) {
    let wanted = plan.fields[field].datatype
    let allowed: [String]
    switch wanted {
    case .float32, .float64, .int64: allowed = Self.numericDatatypes
    case .bool, .bytes: allowed = [wanted.rawValue]
    }
    guard position != 0, tape.kind(position) == .string, allowed.contains(where: { tape.isString(position, $0) }) else {
      throw mismatch("\(place).datatype", Quotation.text(wanted.rawValue), position)
    }
  }

  private func rowCount(shape: Int, of field: Int, place: String) throws(RequestFailure) -> Int {
    let width = plan.fields[field].width
    let expected = width == 1 ? "[rows]" : "[rows, \(width)]"
    guard shape != 0, tape.kind(shape) == .array else { throw mismatch("\(place).shape", expected, shape) }
    let rank = tape.elementCount(shape)
    guard rank == 2 || (rank == 1 && width == 1) else { throw mismatch("\(place).shape", expected, shape) }
    var at = shape + 1
    guard tape.kind(at) == .int64, tape.int64(at) > 0 else {
      throw mismatch("\(place).shape[0]", "a number of rows, at least 1", at)
    }
    let rows = Int(tape.int64(at))
    at = tape.next(at)
    if rank == 2 {
      guard tape.kind(at) == .int64, tape.int64(at) == width else {
        throw mismatch("\(place).shape[1]", "\(width)", at)
      }
    }
    return rows
  }

  private func cursor(data: Int, of field: Int, rows: Int, place: String) throws(RequestFailure) -> TensorCursor {
    guard data != 0, tape.kind(data) == .array else { throw mismatch("\(place).data", "an array", data) }
    let width = plan.fields[field].width
    let first = data + 1
    let count = elementCount(data)
    if count == rows, rows > 0, tape.kind(first) == .array {
      try checkNested(data, width: width, place: place)
      return TensorCursor(position: first, isNested: true)
    }
    let (wanted, overflow) = rows.multipliedReportingOverflow(by: width)
    guard !overflow, count == wanted else {
      throw RequestFailure(
        .schemaMismatch, "\(place).data: expected \(overflow ? "fewer" : String(wanted)) elements, got \(count)")
    }
    return TensorCursor(position: first, isNested: false)
  }

  /// Elements of an array, also when there are more than the tape counts.
  private func elementCount(_ array: Int) -> Int {
    let count = tape.elementCount(array)
    guard count == JSONTape.saturatedCount else { return count }
    var (exact, at) = (0, array + 1)
    let end = tape.end(array)
    while at < end {
      exact += 1
      at = tape.next(at)
    }
    return exact
  }

  private func checkNested(_ data: Int, width: Int, place: String) throws(RequestFailure) {
    var (at, row) = (data + 1, 0)
    let end = tape.end(data)
    while at < end {
      guard tape.kind(at) == .array, tape.elementCount(at) == width else {
        throw mismatch("\(place).data[\(row)]", "an array of \(width)", at)
      }
      at = tape.next(at)
      row += 1
    }
  }

  /// A mismatch at a place of the body.
  func mismatch(_ place: String, _ expected: String, _ position: Int) -> RequestFailure {
    let found = position == 0 ? "nothing" : Quotation.value(tape, position)
    return RequestFailure(.schemaMismatch, "\(place): expected \(expected), got \(found)")
  }
}
