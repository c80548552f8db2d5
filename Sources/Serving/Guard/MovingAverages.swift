import Domain
import Synchronization

/// The moving averages of a worker's outputs, by model: shared by its lanes, kept over restarts by who owns them.
///
/// A lane takes the lock once a batch and rule, never a row.
package final class MovingAverages: Sendable {
  private let averages = Mutex<[Key: MovingAverage]>([:])

  /// Which series.
  package struct Key: Hashable, Sendable {
    package var model: String
    package var output: String

    /// A key.
    package init(model: String, output: String) {
      self.model = model
      self.output = output
    }
  }

  /// Averages as they were, or of nothing.
  package init(_ restored: [Key: MovingAverage] = [:]) { averages.withLock { $0 = restored } }

  /// All of them, to be kept.
  package var snapshot: [Key: MovingAverage] { averages.withLock { $0 } }

  /// Lends one of them. At the bound of models and rules no new one begins, and nothing is held by it.
  func withAverage(of key: Key, _ body: (inout MovingAverage) -> Void) {
    averages.withLock { averages in
      guard averages[key] != nil || averages.count < Limits.movingAverages else { return }
      body(&averages[key, default: MovingAverage()])
    }
  }
}
