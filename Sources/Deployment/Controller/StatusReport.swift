import Domain
import Serving
import Wire

/// A worker's status, made of what the controller shows and what the lanes have counted.
///
/// It must fit into a record, whatever the worker knows: texts become lines, and of releases and partitions those that
/// matter most are named (`Limits`).
package enum StatusReport {
  /// The status now.
  package static func make(
    _ view: DeploymentController.View, settings: DeploymentMachine.Settings, counters: ServingCounters.Values,
    build: String
  ) -> WorkerStatus {
    var status = WorkerStatus(
      group: settings.group, slot: settings.worker, updatedAt: WallClock.milliseconds, build: build)
    status.serves = settings.servedModels?.sorted()
    status.controlOffset = view.state.controlOffset
    status.lag = longest(view.lag.values.reduce(into: [:]) { $0.merge($1) { $1 } })
    status.counters = [
      "requests": counters.requests, "ok": counters.ok, "partial": counters.partial, "error": counters.error,
      "fallback": counters.fallback, "abstained": counters.abstained, "prompt": counters.prompt,
      "held": counters.held,
      "dead_letters": counters.deadLetters,
    ]
    if let pause = view.state.consumePause { status.paused["consume"] = line(pause.reason) }
    for ledger in view.state.models.values.sorted(by: { $0.model < $1.model }) {
      if let hold = ledger.hold { status.held[ledger.model] = line(hold.reason) }
      if ledger.live == nil, let stopped = ledger.stoppedVersion { status.stopped[ledger.model] = stopped }
      if let pause = ledger.pause { status.paused[ledger.model] = line(pause.reason) }
      if let live = ledger.live, let record = ledger.release(live.version) {
        status.routes.append(
          WorkerStatus.Route(
            model: ledger.model, version: live.version, digest: record.identity.digest, generation: ledger.generation,
            since: live.at, commandID: live.commandID, previous: ledger.wayBack))
      }
    }
    status.releases = releases(view.state, room: Limits.statusBytes - StatusCodec.json(status).bytes.count)
    return status
  }

  // MARK: Releases

  /// A release with its place: by model, the newest first.
  private struct Place {
    var number: Int
    var record: ReleaseRecord

    /// What is needed most has the lowest number.
    var rank: Int {
      switch record.step {
      case .live: 0
      case .warm: 1
      case .held: 2
      case .announced, .fetched, .verified, .probed, .stored: 3
      case .superseded, .refused, .retired: 4
      }
    }
  }

  /// What people ask for: what serves, is in memory or held, and the newest of the others; the record of all is in the
  /// worker's state.
  private static func releases(_ state: WorkerState, room: Int) -> [WorkerStatus.Release] {
    var places: [Place] = []
    for ledger in state.models.values.sorted(by: { $0.model < $1.model }) {
      for (age, record) in ledger.releases.reversed().enumerated()
      where age < Limits.statusReleasesPerModel || !record.step.isOver {
        places.append(Place(number: places.count, record: record))
      }
    }
    places.sort { first, second in
      let (left, right) = (first.rank, second.rank)
      if left != right { return left < right }
      if first.record.updatedAt != second.record.updatedAt { return first.record.updatedAt > second.record.updatedAt }
      return first.number < second.number
    }
    var room = room
    var shown: [(number: Int, release: WorkerStatus.Release)] = []
    for place in places.prefix(Limits.statusReleases) {
      let release = release(place.record)
      room -= StatusCodec.byteCount(of: release)
      guard room >= 0 else { break }
      shown.append((place.number, release))
    }
    return shown.sorted { $0.number < $1.number }.map(\.release)
  }

  private static func release(_ record: ReleaseRecord) -> WorkerStatus.Release {
    WorkerStatus.Release(
      model: record.identity.model, version: record.identity.version, digest: record.identity.digest,
      step: record.step, since: record.updatedAt, commandID: record.commandID, reason: record.reason,
      message: record.message.map(line), gate: record.report.map { WorkerStatus.Gate($0, passedAt: record.gatedAt) })
  }

  // MARK: Bounds

  /// A text as one line, short enough for a status.
  private static func line(_ text: String) -> String {
    let short = text.shortened(toBytes: Limits.statusTextBytes)
    return String(String.UnicodeScalarView(short.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
  }

  /// The partitions in which most waits.
  private static func longest(_ lag: [String: Int64]) -> [String: Int64] {
    guard lag.count > Limits.statusPartitions else { return lag }
    let sorted = lag.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
    return Dictionary(uniqueKeysWithValues: sorted.prefix(Limits.statusPartitions).map { ($0.key, $0.value) })
  }
}
