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

  /// Versions whose files or stages this worker has or is about to have.
  package var presentVersions: Set<SeriesRetention.Version> {
    Set(
      state.models.values.flatMap { ledger in
        ledger.releases.filter { $0.step.isOnDisk || $0.step.isInProgress }
          .map { SeriesRetention.Version(model: $0.identity.model, version: $0.identity.version) }
      })
  }

  /// The families now.
  package var families: [MetricFamily] {
    [
      MetricFamily(.modelInfo, state.models.values.flatMap(roles)), MetricFamily(.modelStopped, stopped),
      MetricFamily(.modelLoaded, loaded),
      MetricFamily(.lag, lag.map { (labels(of: $0.key), Double($0.value)) }),
      MetricFamily(.lanes, LaneState.allCases.map { ([("state", $0.rawValue)], Double(lanes[$0] ?? 0)) }),
      MetricFamily(.outbox, [([], Double(outboxEvents))]), MetricFamily(.ready, [([], isReady ? 1 : 0)]),
    ]
  }

  private typealias Sample = (labels: [(String, String)], value: Double)

  private var stopped: [Sample] {
    state.models.values.compactMap { ledger in
      guard ledger.live == nil, let version = ledger.stoppedVersion else { return nil }
      return ([("model", ledger.model), ("version", version)], 1)
    }
  }

  private var loaded: [Sample] {
    loadedSince.map { identity, milliseconds in
      ([("model", identity.model), ("version", identity.version)], Double(milliseconds) / 1000)
    }
  }

  private func roles(_ ledger: ModelLedger) -> [Sample] {
    func info(_ record: ReleaseRecord, _ role: String) -> Sample {
      (
        [
          ("model", ledger.model), ("version", record.identity.version), ("digest", record.identity.digest),
          ("role", role),
        ], 1
      )
    }
    var samples: [Sample] = []
    if let live = ledger.live.flatMap({ ledger.release($0.version) }) { samples.append(info(live, "active")) }
    if let back = ledger.wayBack.flatMap({ ledger.release($0) }) { samples.append(info(back, "previous")) }
    let candidates = ledger.releases.filter { $0.step.isInProgress && $0.identity.version != ledger.live?.version }
    return samples + candidates.suffix(Limits.candidatesShown).map { info($0, "candidate") }
  }

  /// Topics may have `-` in their names, partitions have none.
  private func labels(of place: String) -> [(String, String)] {
    guard let separator = place.lastIndex(of: "-") else { return [("topic", place), ("partition", "")] }
    return [
      ("topic", String(place[..<separator])), ("partition", String(place[place.index(after: separator)...])),
    ]
  }
}
