import AdminAPI
import Deployment
import Domain
import Kafka
import Logging
import StateStore
import Synchronization
import Wire

/// What a worker tells of itself: the events of its moves, in order and at least once, and its status.
extension Worker {
  func relayEvents() throws {
    let relay = OutboxRelay(repository: repository, sink: sink, topic: topics.events, logger: logger)
    var nextStatus = ContinuousClock.now
    var shown: UInt64 = 0
    var keeper = AverageKeeper(repository, averages, logger)
    while !isReportingStopped.load(ordering: .acquiring) {
      noteOutbox(isEmpty: try relay.drain())
      keeper.keep()
      let view = controller.current
      if view.revision != shown || ContinuousClock.now >= nextStatus {
        shown = view.revision
        nextStatus = .now + .seconds(10)
        publishStatus(view)
      }
      controller.waitForChange(atMost: .seconds(1))
    }
    keeper.keep(atOnce: true)
    _ = try relay.drain()
    sink.endWithin(.seconds(1))
    try? sink.publish(
      [StatusCodec.tombstone(group: configuration.group, slot: configuration.slot)], to: topics.status)
  }

  func stopReporting() {
    isReportingStopped.store(true, ordering: .releasing)
    sink.endWithin(.seconds(2))
    controller.endWait()
  }

  private func publishStatus(_ view: DeploymentController.View) {
    do throws(PublishFailure) {
      try sink.publish([StatusCodec.encode(status(view))], to: topics.status)
    } catch {
      logger.warning("status waits", metadata: ["error": "\(error)"])
    }
  }
}
