import Domain
import Synchronization

/// A stage without a library: makes of the FP32 input `age` the FP32 output `score` and the BYTES output `label`.
final class GateStage: Stage {
  typealias Outputs = (score: Float, label: String)

  let signature = StageSignature(
    inputs: [ColumnDescriptor(name: "age", datatype: .float32)],
    outputs: [ColumnDescriptor(name: "score", datatype: .float32), ColumnDescriptor(name: "label", datatype: .bytes)])
  private let make: @Sendable (Float) throws(StageFailure) -> Outputs
  private let onRun: @Sendable (Int) -> Void

  /// - Parameter onRun: told how many rows each call has.
  init(
    onRun: @escaping @Sendable (Int) -> Void = { _ in },
    _ make: @escaping @Sendable (Float) throws(StageFailure) -> Outputs
  ) {
    self.make = make
    self.onRun = onRun
  }

  /// The score is a hundredth of the age; the label is `yes` from a score on.
  static func threshold(_ score: Float = 0.5, onRun: @escaping @Sendable (Int) -> Void = { _ in }) -> GateStage {
    GateStage(onRun: onRun) { age in (age / 100, age / 100 >= score ? "yes" : "no") }
  }

  func run(
    _ binding: StageBinding, on columns: borrowing Columns, rows: Range<Int>, within limit: Duration
  ) throws(StageFailure) {
    onRun(rows.count)
    for row in rows {
      let outputs = try make(columns[binding.inputs[0]].float32(at: row))
      columns[binding.outputs[0]].set(float32: outputs.score, at: row)
      unsafe columns[binding.outputs[1]].set(bytes: Array(outputs.label.utf8).span.bytes, at: row)
    }
  }
}

/// Gives out one stage, whatever is asked for.
struct GateStageLoader: StageLoader {
  let stage: GateStage

  func load(engine: String, path: String, sha256: String) throws(StageLoadError) -> any Stage { stage }

  func returnMemory() {}
}
