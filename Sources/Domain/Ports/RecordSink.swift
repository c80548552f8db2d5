/// Where records that are not hot are published: events, status, commands.
///
/// Contract: blocks until every record is acknowledged; may be called from any thread.
package protocol RecordSink: AnyObject, Sendable {
  /// Publishes to partition 0 of a topic, in order.
  func publish(_ records: [TopicRecord], to topic: String) throws(PublishFailure)
}

/// Records were not acknowledged. Some of them may be in the topic all the same.
package struct PublishFailure: Error, Equatable, CustomStringConvertible {
  package var message: String
  /// Whether trying again later may help.
  package var isRetryable: Bool

  /// A failure.
  package init(message: String, isRetryable: Bool) {
    self.message = message
    self.isRetryable = isRetryable
  }

  package var description: String { message }
}
