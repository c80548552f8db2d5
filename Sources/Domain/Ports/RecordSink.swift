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
  /// Whether a record is larger than the topic takes, so that only a smaller one in its place helps.
  package var isTooLarge: Bool

  /// A failure.
  package init(message: String, isTooLarge: Bool = false) {
    self.message = message
    self.isTooLarge = isTooLarge
  }

  package var description: String { message }
}
