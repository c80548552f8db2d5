/// The user's librdkafka properties, checked against those that would break a promise.
package struct ClientProperties: Sendable, Equatable {
  /// As the user wrote them, secrets resolved.
  package let values: [String: String]

  /// Properties that Understudy sets itself, each with the reason why it refuses the user's.
  package static let refused: [String: String] = [
    "enable.auto.commit": "offsets are committed in the transaction that holds the responses",
    "enable.auto.offset.store": "offsets are tracked by the lanes, so that none is committed unanswered",
    "isolation.level":
      "without read_committed a partition's new owner can begin before the old one's answers are decided",
    "transactional.id": "it is derived from group, slot and lane, so that a restart fences its predecessor",
    "transaction.timeout.ms": "it must stay below the session timeout for the fencing to hold",
    "group.id": "set `group`",
    "group.instance.id": "it is derived from group, lane and slot",
    "partition.assignment.strategy": "cooperative assignment loses records in this librdkafka",
    "auto.offset.reset": "a jump would lose or repeat requests; set `start: earliest` or `latest` for a new group",
    "enable.idempotence": "without it retries double or reorder responses",
    "enable.partition.eof": "the end of a topic is found by Understudy itself",
    "check.crcs": "what fails the check is skipped by librdkafka, and its requests would be lost",
    "client.id": "it is derived from the slot",
    "test.mock.num.brokers": "set `bootstrap.servers: embedded` for the embedded broker",
  ]

  /// Words in property names whose values are never shown.
  static let secretWords = ["password", "secret", "key.pem", "ssl.key", "token", "jaas"]

  /// Checked properties.
  /// - Throws: `KafkaError.stop` that names the first refused property and the reason.
  package init(_ values: [String: String]) throws(KafkaError) {
    for name in values.keys.sorted() {
      if let reason = Self.refused[name] {
        throw .stop("kafka.\(name): not yours to set, because \(reason)")
      }
    }
    self.values = values
  }

  /// Where the brokers are.
  package var bootstrapServers: String { values["bootstrap.servers"] ?? "" }

  /// The properties with secrets hidden, for logs.
  package var redacted: [String: String] {
    values.reduce(into: [:]) { result, pair in
      let isSecret = Self.secretWords.contains { pair.key.contains($0) }
      result[pair.key] = isSecret ? "***" : pair.value
    }
  }
}
