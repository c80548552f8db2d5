import Domain
import Serving
import Testing

/// Releases whose rows take much memory: a batch is answered in as many goes as that needs.
struct WideReleaseTests {
  /// A column between two stages, of 8 MiB a row or of 1.
  private static let wide = ColumnDescriptor(name: "wide", datatype: .float64, width: 1 << 20)
  private static let flags = ColumnDescriptor(name: "flags", datatype: .bool, width: 1 << 20)

  /// Makes of `x` a wide column, whose first element is `x`.
  private final class Widening: Stage {
    let signature: StageSignature

    init(_ column: ColumnDescriptor) {
      signature = StageSignature(inputs: [ColumnDescriptor(name: "x", datatype: .float64)], outputs: [column])
    }

    private static func value(_ number: Double, _ column: Column) -> Value {
      column.descriptor.datatype == .bool ? .bool(number != 0) : .number(number)
    }

    func run(
      _ binding: StageBinding, on columns: borrowing Columns, rows: Range<Int>, within limit: Duration
    ) throws(StageFailure) {
      let (from, to) = (columns[binding.inputs[0]], columns[binding.outputs[0]])
      for row in rows { to.set(Self.value(from.float64(at: row), to), at: row * to.descriptor.width) }
    }
  }

  /// Makes of the wide column's first element the answer, and looks at how much memory the rows take.
  private final class Narrowing: Stage {
    let signature: StageSignature

    init(_ column: ColumnDescriptor) {
      signature = StageSignature(inputs: [column], outputs: [ColumnDescriptor(name: "y", datatype: .float64)])
    }

    func run(
      _ binding: StageBinding, on columns: borrowing Columns, rows: Range<Int>, within limit: Duration
    ) throws(StageFailure) {
      let (from, to) = (columns[binding.inputs[0]], columns[binding.outputs[0]])
      for row in rows {
        let index = row * from.descriptor.width
        to.set(
          float64: from.descriptor.datatype == .bool ? (from.bool(at: index) ? 1 : 0) : from.float64(at: index), at: row
        )
      }
      #expect(columns.rowBytes * columns.rowCount <= Limits.batchColumnBytes)
    }
  }

  private static func bench(_ column: ColumnDescriptor) throws -> Bench {
    Bench([
      try GuardRelease.load(outputs: [GuardRelease.output("y")], features: Widening(column), Narrowing(column))
    ])
  }

  @Test func `P8: a batch whose columns would take too much memory is answered in several goes, in order`() throws {
    // 31 rows at once.
    let bench = try Self.bench(Self.wide)
    let answers = bench.send((0..<70).map { Bench.Request("{\"id\":\($0),\"x\":\($0)}") })
    try #require(answers.map(\.request) == Array(0..<70))
    for (number, answer) in answers.enumerated() {
      #expect(answer.text.hasPrefix("{\"id\":\(number),\"status\":\"ok\""), "\(answer.text)")
      #expect(answer.text.contains("\"outputs\":{\"y\":\(number)}"), "\(answer.text)")
    }
    #expect(bench.counters.snapshot.requests == 70)
  }

  @Test func `P7: others' rows are no reason to refuse a request that would be answered alone`() throws {
    // A column holds 256 rows: each of the two has room, both together have not.
    let bench = try Self.bench(Self.flags)
    func rows(_ count: Int) -> String { "[" + (0..<count).map { "{\"x\":\($0)}" }.joined(separator: ",") + "]" }
    let answers = bench.send([Bench.Request(rows(30)), Bench.Request(rows(240)), Bench.Request(#"{"x":1}"#)])
    try #require(answers.map(\.request) == Array(0..<3))
    for answer in answers { #expect(answer.header("x-status") == "ok", "\(answer.text.prefix(300))") }
  }
}
