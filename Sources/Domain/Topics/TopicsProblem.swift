/// Something in `topics.yaml` that keeps it from being used.
package struct TopicsProblem: Error, Sendable, Equatable, CustomStringConvertible {
  /// Position in `topics`; nil for the file as a whole or its defaults.
  package var topic: Int?
  /// The key below that, such as `partitions` or `config.cleanup.policy`; nil for all of it.
  package var key: String?
  package var message: String

  /// A problem.
  package init(topic: Int? = nil, key: String? = nil, _ message: String) {
    self.topic = topic
    self.key = key
    self.message = message
  }

  /// As people read it: `topics[3].partitions: expected 1, …`.
  package var description: String {
    let place = [topic.map { "topics[\($0)]" }, key].compactMap(\.self).joined(separator: ".")
    return place.isEmpty ? message : "\(place): \(message)"
  }
}
