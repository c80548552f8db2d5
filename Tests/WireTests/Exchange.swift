import Domain
import Wire

/// Sends requests through decoder, a stand-in for a release, and encoder.
///
/// The stand-in shows what was decoded: probability = age / 100, label = state and note, embedding = income and the sum
/// of the pixels, rank = visits, flag = member.
final class Exchange {
  static let inputs: [InputSpecification] = [
    InputSpecification(column: .init(name: "age", datatype: .float32), minimum: 0, maximum: 130),
    InputSpecification(column: .init(name: "income", datatype: .float64)),
    InputSpecification(
      column: .init(name: "state", datatype: .bytes), values: [.text("FL"), .text("NY"), .text("Île-de-France")]),
    InputSpecification(column: .init(name: "visits", datatype: .int64), isOptional: true, defaultValue: .int64(7)),
    InputSpecification(column: .init(name: "member", datatype: .bool), isOptional: true, defaultValue: .bool(true)),
    InputSpecification(
      column: .init(name: "pixels", datatype: .float32, width: 3), isOptional: true, defaultValue: .number(0.5)),
    InputSpecification(column: .init(name: "note", datatype: .bytes), isOptional: true, defaultValue: .text("né")),
    InputSpecification(
      column: .init(name: "tier", datatype: .int64), isOptional: true, defaultValue: .int64(1),
      values: [.int64(1), .int64(2)]),
  ]
  static let outputs: [ColumnDescriptor] = [
    .init(name: "probability", datatype: .float32), .init(name: "label", datatype: .bytes),
    .init(name: "embedding", datatype: .float64, width: 2), .init(name: "rank", datatype: .int64),
    .init(name: "flag", datatype: .bool),
  ]

  let schema: RequestSchema
  let origin = ResponseOrigin(
    model: "car-loan", version: "2026.11.1", worker: "worker-0", generation: 14,
    outputs: outputs.enumerated().map { ($1, inputs.count + $0) })
  let decoder = JSONRequestDecoder()
  let encoder = JSONResponseEncoder()
  var table = RequestTable()

  init(maximumRows: Int = 4) {
    schema = RequestSchema(inputs: Self.inputs, outputs: Self.outputs, maximumRows: maximumRows)
  }

  /// The status and the response of a request; what it left in `table` can be looked at.
  func answer(_ request: [UInt8]) -> (status: ResponseStatus, response: [UInt8], rowCount: Int) {
    table.removeAll()
    var columns = Columns(Self.inputs.map(\.column) + Self.outputs)
    unsafe decoder.decode(request.span.bytes, schema: schema, columns: &columns, table: &table)
    if let position = table.requests.indices.last, table.requests[position].identifier.isEmpty {
      let start = table.text.count
      table.text += Array("\"t-0-1\"".utf8)
      table.requests[position].identifier = start..<table.text.count
    }
    Self.score(columns)
    var response: [UInt8] = []
    let status = encoder.encode(0, of: table, columns: columns, origin: origin, into: &response)
    return (status, response, columns.rowCount)
  }

  func answer(_ request: String) -> (status: ResponseStatus, response: String, rowCount: Int) {
    let (status, response, rowCount) = answer(Array(request.utf8))
    return (status, String(decoding: response, as: UTF8.self), rowCount)
  }

  private static func score(_ columns: borrowing Columns) {
    let first = inputs.count
    for row in 0..<columns.rowCount {
      columns[first].set(float32: columns[0].float32(at: row) / 100, at: row)
      let label = Array((text(columns[2], row) + "/" + text(columns[6], row)).utf8)
      unsafe columns[first + 1].set(bytes: label.span.bytes, at: row)
      columns[first + 2].set(float64: columns[1].float64(at: row), at: row * 2)
      let sum = (0..<3).reduce(Float(0)) { $0 + columns[5].float32(at: row * 3 + $1) }
      columns[first + 2].set(float64: Double(sum), at: row * 2 + 1)
      columns[first + 3].set(int64: columns[3].int64(at: row), at: row)
      columns[first + 4].set(bool: columns[4].bool(at: row), at: row)
    }
  }

  static func text(_ column: Column, _ index: Int) -> String {
    column.withBytes(at: index) { span in
      unsafe span.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
  }
}
