import Domain
import Foundation
import Logging
import Wire

/// Takes recorded events to the events topic: at least once, in order, each with the id that it was recorded with.
package final class OutboxRelay: Sendable {
  private let repository: any StateRepository
  private let sink: any RecordSink
  private let topic: String
  private let logger: Logger

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
      try repository.removeEvents(upTo: last.position)
    }
  }
}
