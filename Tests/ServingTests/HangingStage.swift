import Domain
import Synchronization

/// Makes `y`, 1, and never ends by itself on -1, but keeps to its time, as an engine does.
final class HangingStage: Stage {
  let signature: StageSignature
  private let each: Duration
  private let calls = Mutex<[(rows: Int, limit: Duration)]>([])

  /// - Parameter each: the time of a sound row.
  init(_ input: String = "x", each: Duration = .zero) {
    signature = StageSignature(
      inputs: [ColumnDescriptor(name: input, datatype: .float64)],
      outputs: [ColumnDescriptor(name: "y", datatype: .float64)])
    self.each = each
  }

  /// What it was asked for so far.
  var runs: [(rows: Int, limit: Duration)] { calls.withLock { $0 } }

  func run(
    _ binding: StageBinding, on columns: borrowing Columns, rows: Range<Int>, within limit: Duration
  ) throws(StageFailure) {
    calls.withLock { $0.append((rows.count, limit)) }
    let hangs = rows.contains { columns[binding.inputs[0]].float64(at: $0) == -1 }
    let needed = each * rows.count
    if hangs || needed > .zero { _ = Signal().wait(atMost: hangs ? limit : min(limit, needed)) }
    if hangs || needed > limit { throw StageFailure(message: "interrupted", isOverTime: true) }
    for row in rows { columns[binding.outputs[0]].set(float64: 1, at: row) }
  }
}
