import Domain
import Serving
import Wire

/// Answers rows by the pipeline that serves, in batches of the size that a lane gathers.
struct RowAnswers {
  let release: LoadedRelease

  /// Gives the answer to each context to `body`, in order, and the status that its release's guard gives it.
  func forEach(_ contexts: [[UInt8]], _ body: (_ row: Int, RowAnswer, ResponseStatus) -> Void) {
    let runner = Self.runner(release)
    for start in stride(from: 0, to: contexts.count, by: Limits.gateBatchRows) {
      let batch = contexts[start..<min(start + Limits.gateBatchRows, contexts.count)]
      for (offset, answer) in runner.answer(batch).enumerated() {
        body(
          start + offset, RowAnswer(response: answer.bytes, outputs: release.manifest.outputs),
          answer.status)
      }
    }
  }

  static func runner(_ release: LoadedRelease) -> OfflineRunner {
    OfflineRunner(release, decoder: JSONRequestDecoder(), encoder: JSONResponseEncoder())
  }
}
