import Domain
import Testing
import Wire

/// Inputs that list many values: a row costs no more for it.
@Suite struct LongListTests {
  private static let count = 50_000
  private static let rows = 4096

  /// The rows' values and the lists'.
  struct Case: Sendable, CustomTestStringConvertible {
    var datatype: Datatype
    var list: [Value]
    /// A value of a row.
    var row: @Sendable (Int) -> String
    var isListed: Bool

    var testDescription: String { "\(datatype.rawValue), \(isListed ? "listed" : "not listed")" }
  }

  static let cases: [Case] = [
    Case(datatype: .bytes, list: (0..<count).map { .text("zip-\($0)") }, row: { "\"x-\($0)\"" }, isListed: false),
    Case(datatype: .bytes, list: (0..<count).map { .text("zip-\($0)") }, row: { "\"zip-\($0)\"" }, isListed: true),
    Case(datatype: .int64, list: (0..<count).map { .int64(Int64($0)) }, row: { "\(count - 1 - $0)" }, isListed: true),
    Case(datatype: .float64, list: (0..<count).map { .number(Double($0)) }, row: { "\(count + $0)" }, isListed: false),
  ]

  /// Made into text for each row, or searched from end to end, the list would take minutes on a busy machine.
  @Test(arguments: cases)
  func `P7: rows of an input with a long list are read in the time of others`(_ example: Case) throws {
    let input = InputSpecification(column: .init(name: "zip", datatype: example.datatype), values: example.list)
    let schema = RequestSchema(inputs: [input], outputs: [], maximumRows: Self.rows)
    let decoder = JSONRequestDecoder()
    var table = RequestTable()
    var columns = Columns([input.column])
    let body = "[" + (0..<Self.rows).map { "{\"zip\":\(example.row($0))}" }.joined(separator: ",") + "]"
    let started = ContinuousClock.now
    unsafe decoder.decode(Array(body.utf8).span.bytes, schema: schema, columns: &columns, table: &table)
    #expect(started.duration(to: .now) < .seconds(40))
    #expect(table.rows.count == Self.rows)
    #expect(table.rows.filter { ($0.columnRow != nil) == example.isListed }.count == Self.rows)
    guard !example.isListed else { return }
    let failure = try #require(table.failures.first)
    #expect(failure.message.contains("expected one of ") && failure.message.contains("…, got "), "\(failure.message)")
  }
}
