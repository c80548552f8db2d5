import Domain
import Serving

/// A worker's status, made of what the controller shows and what the lanes have counted.
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
    status.lag = view.lag.values.reduce(into: [:]) { $0.merge($1) { $1 } }
    status.counters = [
      "requests": counters.requests, "ok": counters.ok, "partial": counters.partial, "error": counters.error,
      "dead_letters": counters.deadLetters,
    ]
    if let pause = view.state.consumePause { status.paused["consume"] = pause.reason }
    for ledger in view.state.models.values.sorted(by: { $0.model < $1.model }) {
      if let hold = ledger.hold { status.held[ledger.model] = hold.reason }
      if ledger.live == nil, let stopped = ledger.stoppedVersion { status.stopped[ledger.model] = stopped }
      if let pause = ledger.pause { status.paused[ledger.model] = pause.reason }
      if let live = ledger.live, let record = ledger.release(live.version) {
        status.routes.append(
          WorkerStatus.Route(
            model: ledger.model, version: live.version, digest: record.identity.digest, generation: ledger.generation,
            since: live.at, commandID: live.commandID, previous: ledger.wayBack))
      }
      // The newest are what people ask for; the record of all is in the worker's state.
      for record in ledger.releases.suffix(shownReleases).reversed() {
        status.releases.append(
          WorkerStatus.Release(
            model: ledger.model, version: record.identity.version, digest: record.identity.digest, step: record.step,
            since: record.updatedAt, commandID: record.commandID, reason: record.reason, message: record.message,
            gate: record.report.map { WorkerStatus.Gate($0, passedAt: record.gatedAt) }))
      }
    }
    return status
  }

  /// Releases of a model that a status names: keeps the record far below Kafka's maximum.
  private static let shownReleases = 50
}
