import Domain
import Synchronization

/// What the validity gate found out last about each release, shown as metrics.
///
/// The control path tells each recorded move (`observe`). When there are more than `Limits.gateRuns`, the oldest run of
/// what is not live gives way, and is counted.
package final class GateFigures: Sendable {
  /// One run of the gate for one release.
  package struct Run: Sendable, Equatable {
    package var model: String
    package var version: String
    package var hasPassed: Bool
    package var figures: [Figure]

    /// A run.
    package init(model: String, version: String, hasPassed: Bool, figures: [Figure] = []) {
      self.model = model
      self.version = version
      self.hasPassed = hasPassed
      self.figures = figures
    }

    /// The figures of a report: rows and failed rows of both sets, and the confidence set's metric.
    package init(_ report: GateReport, of identity: ReleaseIdentity) {
      self.init(model: identity.model, version: identity.version, hasPassed: report.hasPassed)
      if let set = report.endToEnd {
        figures.append(Figure(set: .endToEnd, metric: "rows", value: Double(set.rows)))
        figures.append(Figure(set: .endToEnd, metric: "failed_rows", value: Double(set.failedRows)))
      }
      if let set = report.confidence {
        figures.append(Figure(set: .confidence, metric: "rows", value: Double(set.rows)))
        figures.append(Figure(set: .confidence, metric: "failed_rows", value: Double(set.failedRows)))
        if let value = set.value {
          figures.append(Figure(set: .confidence, metric: set.metric.rawValue, value: value))
        }
      }
    }
  }

  /// One number of a run.
  package struct Figure: Sendable, Equatable {
    package enum TestSet: String, Sendable {
      case endToEnd = "end_to_end"
      case confidence
    }

    package var set: TestSet
    /// A name from a closed list: it becomes the value of a label.
    package var metric: String
    package var value: Double

    /// A figure.
    package init(set: TestSet, metric: String, value: Double) {
      self.set = set
      self.metric = metric
      self.value = value
    }
  }

  private struct Key: Hashable {
    var model: String
    var version: String
  }

  private struct Runs {
    var entries: [Key: (run: Run, number: UInt64)] = [:]
    var recorded: UInt64 = 0
  }

  private let runs = Mutex(Runs())
  private let bounds: BoundsReached

  /// Figures of nothing yet.
  package init(_ bounds: BoundsReached) { self.bounds = bounds }

  /// Takes the newest run of a release in place of the one before.
  /// - Parameter isLive: whether a release is live, so that it keeps its place.
  package func record(_ run: Run, isLive: (_ model: String, _ version: String) -> Bool = { _, _ in false }) {
    let hasReplaced = runs.withLock { runs in
      let key = Key(model: run.model, version: run.version)
      let isFull = runs.entries[key] == nil && runs.entries.count >= Limits.gateRuns
      if isFull {
        let others = runs.entries.filter { !isLive($0.key.model, $0.key.version) }
        if let oldest = others.min(by: { $0.value.number < $1.value.number })?.key { runs.entries[oldest] = nil }
      }
      runs.recorded += 1
      runs.entries[key] = (run, runs.recorded)
      return isFull
    }
    if hasReplaced { bounds.count(.gateRuns) }
  }

  /// Takes the reports of a recorded move's gate events. Called on the controller's thread.
  package func observe(_ change: StateChange) {
    let types: [EventType] = [.releaseGated, .gatePassed, .gateFailed, .releaseRefused]
    for event in change.events where types.contains(event.type) {
      guard let report = event.report, let model = event.model, let version = event.version else { continue }
      record(Run(report, of: ReleaseIdentity(model: model, version: version, digest: event.digest ?? ""))) {
        change.state.models[$0]?.live?.version == $1
      }
    }
  }

  /// Drops the run of a release.
  package func remove(model: String, version: String) {
    runs.withLock { $0.entries[Key(model: model, version: version)] = nil }
  }

  /// The families now, of the releases that are wanted.
  package func collect(
    where isWanted: (_ model: String, _ version: String) -> Bool = { _, _ in true }
  ) -> [MetricFamily] {
    let runs = runs.withLock { $0.entries.values.map(\.run) }.filter { isWanted($0.model, $0.version) }
    let passed = runs.map { run in
      (labels: [("model", run.model), ("version", run.version)], value: run.hasPassed ? 1.0 : 0.0)
    }
    let figures = runs.flatMap { run in
      run.figures.map { figure in
        (
          labels: [
            ("model", run.model), ("version", run.version), ("set", figure.set.rawValue), ("metric", figure.metric),
          ], value: figure.value
        )
      }
    }
    return [MetricFamily(.gatePassed, passed), MetricFamily(.qualityMetric, figures)]
  }
}
