/// What a topic is for.
package enum TopicRole: String, Sendable, Hashable, CaseIterable {
  case requests
  case responses
  case deadLetters = "dead-letters"
  case control
  case events
  case status
  case releases

  /// Partitions when the topic's entry does not say; nil means what the file says for all, else the broker's default.
  ///
  /// Control needs one, since commands have an order; the others are small, and one keeps them in order for their
  /// readers.
  package var defaultPartitions: Int? {
    switch self {
    case .requests, .responses, .deadLetters: nil
    case .control, .events, .status, .releases: 1
    }
  }

  /// Configuration that the role needs. It wins over what the file says for all topics; what it says for this topic
  /// wins over both.
  package var defaultConfig: [String: String] {
    switch self {
    case .requests, .responses, .events: [:]
    case .control: ["cleanup.policy": "delete", "retention.ms": "-1"]
    case .status, .releases: ["cleanup.policy": "compact"]
    case .deadLetters:
      [
        "retention.ms": "1209600000",
        "max.message.bytes": String(Self.brokerMessageBytes + Limits.deadLetterOverheadBytes),
      ]
    }
  }

  /// Kafka's default of `max.message.bytes`: 1 MiB and the overhead of a record batch.
  package static let brokerMessageBytes = 1_048_588
}
