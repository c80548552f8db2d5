import Domain
import Logging
import Synchronization
import Wire

/// Takes recorded events to the events topic: at least once, in order, each with the id that it was recorded with.
///
/// An event that is larger than the topic takes leaves in short, so that those behind it leave at all.
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
        try publish(waiting.map(\.event))
      } catch {
        logger.warning("events wait", metadata: ["topic": "\(topic)", "error": "\(error)"])
        return false
      }
      FailPoint.published.reach()
      unremoved.withLock { $0 = last.position }
      guard try removePublished() else { return false }
    }
  }

  private func publish(_ events: [Event]) throws(PublishFailure) {
    do throws(PublishFailure) { try sink.publish(events.map(EventCodec.encode), to: topic) } catch {
      guard error.isTooLarge else { throw error }
      for event in events { try publishAlone(event) }
    }
  }

  /// What the topic does not take as it is must not keep back what comes after it.
  private func publishAlone(_ event: Event) throws(PublishFailure) {
    do throws(PublishFailure) { try sink.publish([EventCodec.encode(event)], to: topic) } catch {
      guard error.isTooLarge else { throw error }
      logger.warning(
        "an event is told in short",
        metadata: ["id": "\(event.id)", "type": "\(event.type.rawValue)", "error": "\(error)"])
      try sink.publish([EventCodec.encode(event.inShort)], to: topic)
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
