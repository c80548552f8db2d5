import COnnxRuntime
import Domain
import Synchronization

/// Makes stages of ONNX graphs and shares those that are in use.
///
/// The table holds stages weakly: what keeps a session alive is the releases that use it. Two threads that load the
/// same new file at once may both compile it; both then get the one that was finished first.
package final class OnnxStageLoader: StageLoader {
  private let options: OnnxOptions
  private let stages = Mutex<[String: WeakStage]>([:])

  /// A loader whose sessions all use these options.
  package init(options: OnnxOptions = OnnxOptions()) {
    self.options = options
  }

  /// Loads an ONNX graph, or returns the stage that was made of the same content and is still in use.
  /// - Throws: `unusable` for any engine but `onnx` and for graphs that no manifest can bind; `loadFailed` for files
  ///   that are not a graph that ONNX Runtime can run.
  package func load(engine: String, path: String, sha256: String) throws(StageLoadError) -> any Stage {
    guard engine == "onnx" else {
      let name = ErrorText.shortened(engine, bytes: Limits.quotedCharacters)
      throw .unusable("engine '\(name)' is not supported; this build runs: onnx")
    }
    if let stage = stages.withLock({ $0[sha256]?.stage }) { return stage }
    let loaded = try OnnxStage(path: path, options: options)
    return stages.withLock { stages in
      if let stage = stages[sha256]?.stage { return stage }
      stages = stages.filter { $0.value.stage != nil }
      stages[sha256] = WeakStage(stage: loaded)
      return loaded
    }
  }

  /// The C library keeps what was freed for later, more of it with each large model (malloc_trim(3)).
  package func returnMemory() { _ = malloc_trim(0) }

  /// Stages in use, for tests and status.
  package var sharedStageCount: Int {
    stages.withLock { $0.values.count { $0.stage != nil } }
  }
}

/// An entry of the table; it does not keep its stage alive.
private struct WeakStage: Sendable {
  weak let stage: OnnxStage?
}
