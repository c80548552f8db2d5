import AdminAPI
import Deployment
import Domain
import Kafka
import Logging
import ServiceLifecycle
import Serving
import StateStore
import Synchronization

/// What a worker shows over HTTP: passed on from the parts that know it.
extension Worker: WorkerHealth {
  /// The admin API as the configuration wants it; nil if it is turned off.
  func adminService() -> (any Service)? {
    switch configuration.http {
    case .off: nil
    case .standard: adminService(.standard, isExplicit: false)
    case .address(let address): adminService(address, isExplicit: true)
    }
  }

  private func adminService(_ address: AdminAddress, isExplicit: Bool) -> any Service {
    AdminService(address, isExplicit: isExplicit, health: self, metrics: metrics, logger: logger)
  }

  // MARK: Health

  var lifeProblem: String? {
    let silence = controller.sinceLastTurn
    guard silence > .seconds(Limits.controlTurnSeconds) else { return nil }
    return "the control thread has taken no turn for \(silence.components.seconds) s"
  }

  var readiness: Readiness {
    let view = controller.current
    var facts = Readiness.Facts()
    facts.isRestored = view.isRestored
    facts.isDraining = lanes.controls.contains(where: \.isStopping)
    facts.defaultModel = servedDefault
    facts.answersWithoutRelease = configuration.whenNoRelease == .answer
    facts.servingLanes = lanes.serving.count
    facts.read(view.state)
    return Readiness(facts)
  }

  var status: WorkerStatus { status(controller.current) }

  /// The status of what can be seen of the controller.
  func status(_ view: DeploymentController.View) -> WorkerStatus {
    StatusReport.make(view, settings: controller.settings, counters: counters.snapshot, build: Self.build)
  }

  // MARK: Metrics

  /// What is made when somebody asks.
  func addCollectors() {
    let build = [("version", Self.build), ("swift", Self.swiftVersion)]
    metrics.addCollector { [MetricFamily(.buildInfo, [(build, 1)])] + ProcessFigures.collect() }
    metrics.addCollector { [weak self] in self?.figures() ?? [] }
  }

  private static var swiftVersion: String {
    #if swift(>=6.4)
      "6.4 or newer"
    #else
      "6.3"
    #endif
  }

  private func figures() -> [MetricFamily] {
    let view = controller.current
    var figures = WorkerFigures()
    figures.state = view.state
    figures.loadedSince = view.loadedSince
    figures.lag = view.lag.values.reduce(into: [:]) { $0.merge($1) { $1 } }
    figures.lanes = lanes.states
    figures.outboxEvents = outboxEvents.load(ordering: .relaxed)
    figures.isReady = readiness.isReady
    retention.removeDue()
    return figures.families(gateFigures)
  }

  /// What the state has no room for is counted; that news are lost is also said.
  static func countDropped(_ bounds: BoundsReached, _ logger: Logger) -> @Sendable (Bound, Int) -> Void {
    { bound, count in
      bounds.count(bound, by: count)
      guard bound == .outboxEvents else { return }
      logger.warning(
        "the oldest events are lost: the broker takes none, and more than \(Limits.outboxEvents) wait",
        metadata: ["events": "\(count)"])
    }
  }

  /// Counts what waits for the broker; nothing is read while nothing waits.
  func noteOutbox(isEmpty: Bool) {
    let waiting = isEmpty ? [] : (try? repository.pendingEvents(limit: Limits.outboxEventsCounted)) ?? []
    outboxEvents.store(waiting.count, ordering: .relaxed)
  }
}
