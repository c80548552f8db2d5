import Domain
import Synchronization

/// A stage without a library: multiplies its first input, an FP32 column, into its first output.
final class FakeStage: Stage {
  let signature: StageSignature
  private let factor: Float
  /// A call whose rows hold this value fails as a whole.
  private let poison: Float?
  /// This value becomes a number that is not finite.
  private let notANumber: Float?
  private let calls = Mutex<[Range<Int>]>([])

  init(
    from input: String = "age", to output: String = "score", factor: Float = 2, poison: Float? = nil,
    notANumber: Float? = nil
  ) {
    signature = StageSignature(
      inputs: [ColumnDescriptor(name: input, datatype: .float32)],
      outputs: [ColumnDescriptor(name: output, datatype: .float32)])
    self.factor = factor
    self.poison = poison
    self.notANumber = notANumber
  }

  /// The rows of each call so far.
  var runs: [Range<Int>] { calls.withLock { $0 } }

  func run(
    _ binding: StageBinding, on columns: borrowing Columns, rows: Range<Int>, within limit: Duration
  ) throws(StageFailure) {
    calls.withLock { $0.append(rows) }
    let (input, output) = (columns[binding.inputs[0]], columns[binding.outputs[0]])
    for row in rows where input.float32(at: row) == poison { throw StageFailure(message: "poisoned") }
    for row in rows {
      let value = input.float32(at: row)
      output.set(float32: value == notANumber ? .nan : value * factor, at: row)
    }
  }
}

/// Gives out fake stages by the file that they stand for.
struct FakeStageLoader: StageLoader {
  var stages: [String: FakeStage]
  var failures: [String: StageLoadError] = [:]

  func load(engine: String, path: String, sha256: String) throws(StageLoadError) -> any Stage {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    if let failure = failures[file] { throw failure }
    guard let stage = stages[file] else { throw .loadFailed("there is no \(path)") }
    return stage
  }

  func returnMemory() {}
}
