import Domain

/// What metrics show of a worker's state: made when somebody asks, of what the worker knows anyway.
package struct WorkerFigures: Sendable {
  package var state = WorkerState()
  /// When each release in memory was loaded, in milliseconds since 1970.
  package var loadedSince: [ReleaseIdentity: Int64] = [:]
  /// Records that wait, by `<topic>-<partition>`.
  package var lag: [String: Int64] = [:]
  /// Lanes by what they do.
  package var lanes: [LaneState: Int] = [:]
  package var outboxEvents = 0
  package var isReady = false

  /// What a lane does.
  package enum LaneState: String, Sendable, CaseIterable {
    /// Has not begun, or has not joined the group yet.
    case waiting
    case serving
    case paused
    case ended
  }

  /// Figures of a worker that knows nothing yet.
  package init() {}

  /// What is live, by model.
  private var liveVersions: [String: String] { state.models.compactMapValues { $0.live?.version } }

  /// The families now, with the gate's: first what is live and the worker as a whole, so that they have room when there
  /// are more series than a worker shows.
  package func families(_ gate: GateFigures) -> [MetricFamily] {
    let live = liveVersions
    return leadingFamilies + gate.collect { live[$0] == $1 } + otherFamilies + gate.collect { live[$0] != $1 }
  }

  private var leadingFamilies: [MetricFamily] {
    [
      MetricFamily(.ready, [([], isReady ? 1 : 0)]), MetricFamily(.outbox, [([], Double(outboxEvents))]),
      MetricFamily(.lanes, LaneState.allCases.map { ([("state", $0.rawValue)], Double(lanes[$0] ?? 0)) }),
      MetricFamily(.modelInfo, state.models.values.compactMap(active)), MetricFamily(.modelStopped, stopped),
      MetricFamily(.modelLoaded, loaded(isLive: true)),
    ]
  }

  private var otherFamilies: [MetricFamily] {
    [
      MetricFamily(.modelInfo, state.models.values.flatMap(others)),
      MetricFamily(.modelLoaded, loaded(isLive: false)),
      MetricFamily(.lag, lag.map { (labels(of: $0.key), Double($0.value)) }),
    ]
  }

  private typealias Sample = (labels: [(String, String)], value: Double)

  private var stopped: [Sample] {
    state.models.values.compactMap { ledger in
      guard ledger.live == nil, let version = ledger.stoppedVersion else { return nil }
      return ([("model", ledger.model), ("version", version)], 1)
    }
  }

  private func loaded(isLive: Bool) -> [Sample] {
    let live = liveVersions
    return loadedSince.filter { (live[$0.key.model] == $0.key.version) == isLive }.map { identity, milliseconds in
      ([("model", identity.model), ("version", identity.version)], Double(milliseconds) / 1000)
    }
  }

  private func info(_ record: ReleaseRecord, _ role: String) -> Sample {
    let identity = record.identity
    return (
      [("model", identity.model), ("version", identity.version), ("digest", identity.digest), ("role", role)], 1
    )
  }

  private func active(_ ledger: ModelLedger) -> Sample? {
    ledger.live.flatMap { ledger.release($0.version) }.map { info($0, "active") }
  }

  private func others(_ ledger: ModelLedger) -> [Sample] {
    let back = ledger.wayBack.flatMap { ledger.release($0) }.map { info($0, "previous") }
    let live = ledger.live?.version
    let candidates = ledger.releases.filter { $0.step.isInProgress && $0.identity.version != live }
    return [back].compactMap(\.self) + candidates.suffix(Limits.candidatesShown).map { info($0, "candidate") }
  }

  /// Topics may have `-` in their names, partitions have none.
  private func labels(of place: String) -> [(String, String)] {
    guard let separator = place.lastIndex(of: "-") else { return [("topic", place), ("partition", "")] }
    return [
      ("topic", String(place[..<separator])), ("partition", String(place[place.index(after: separator)...])),
    ]
  }
}
