import Domain
import Logging
import Synchronization
import Wire

/// Takes recorded events to the events topic: at least once, in order, each with the id that it was recorded with.
package final class OutboxRelay: Sendable {
  private let repository: any StateRepository
  private let sink: any RecordSink
  private let topic: String
  private let logger: Logger
  /// What is on the broker and could not be taken out of the outbox, since the state had no room.
  private let unremoved = Mutex<Int64?>(nil)

  /// A relay.
  package init(repository: any StateRepository, sink: any RecordSink, topic: String, logger: Logger) {
    self.repository = repository
    self.sink = sink
    self.topic = topic
    self.logger = logger
  }

  /// Publishes what waits.
  /// - Returns: whether everything has left.
  package func drain() throws(StateError) -> Bool {
    guard try removePublished() else { return false }
    while true {
      let waiting = try repository.pendingEvents(limit: Limits.outboxBatch)
      guard let last = waiting.last else { return true }
      FailPoint.publishing.reach()
      do throws(PublishFailure) {
        try sink.publish(waiting.map { EventCodec.encode($0.event) }, to: topic)
      } catch {
        logger.warning("events wait", metadata: ["topic": "\(topic)", "error": "\(error)"])
        return false
      }
      FailPoint.published.reach()
      unremoved.withLock { $0 = last.position }
      guard try removePublished() else { return false }
    }
  }

  /// - Returns: false if the state has no room for that now.
  private func removePublished() throws(StateError) -> Bool {
    guard let position = unremoved.withLock({ $0 }) else { return true }
    do throws(StateError) { try repository.removeEvents(upTo: position) } catch {
      guard case .full = error else { throw error }
      return false
    }
    unremoved.withLock { $0 = nil }
    return true
  }
}
