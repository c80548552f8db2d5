import Domain
import Synchronization

/// Removes the series of versions that are gone: some time after, so that the last scrapes see their last counts.
///
/// Learns of versions from the recorded moves, so that also those that come and go between two scrapes, or while nobody
/// scrapes, leave nothing behind. Any thread.
package final class SeriesRetention: Sendable {
  private struct Version: Hashable {
    var model: String
    var version: String
  }

  /// Since when versions are gone.
  private let gone = Mutex<[Version: ContinuousClock.Instant]>([:])
  private let metrics: PrometheusMetrics
  private let gateFigures: GateFigures
  private let bounds: BoundsReached

  /// Nothing is gone yet.
  package init(_ metrics: PrometheusMetrics, _ gateFigures: GateFigures, _ bounds: BoundsReached) {
    self.metrics = metrics
    self.gateFigures = gateFigures
    self.bounds = bounds
  }

  /// Takes a recorded move.
  package func observe(_ change: StateChange, at now: ContinuousClock.Instant = .now) {
    gone.withLock { gone in
      for event in change.events {
        guard let model = event.model, let version = event.version,
          let record = change.state.models[model]?.release(version)
        else { continue }
        gone[Version(model: model, version: version)] = record.step.isOver ? now : nil
      }
    }
    removeDue(at: now)
  }

  /// Removes what is gone for long enough, and the oldest of more than there is room for.
  package func removeDue(at now: ContinuousClock.Instant = .now) {
    let (due, excess) = gone.withLock { gone in
      var due = gone.filter { $0.value.duration(to: now) >= .seconds(Limits.retiredSeriesSeconds) }.map(\.key)
      for version in due { gone[version] = nil }
      let excess = max(0, gone.count - Limits.retiredVersions)
      guard excess > 0 else { return (due, excess) }
      for version in gone.sorted(by: { $0.value < $1.value }).prefix(excess).map(\.key) {
        gone[version] = nil
        due.append(version)
      }
      return (due, excess)
    }
    if excess > 0 { bounds.count(.retiredVersions, by: excess) }
    for version in due {
      metrics.removeSeries(with: [("model", version.model), ("version", version.version)])
      gateFigures.remove(model: version.model, version: version.version)
    }
  }
}
