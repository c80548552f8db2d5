import Domain

/// What is to be done about one topic.
package struct TopicStep: Sendable, Equatable, CustomStringConvertible {
  package var topic: String
  package var role: TopicRole
  package var action: Action

  /// The things that can be done.
  package enum Action: Sendable, Equatable {
    /// It is as it should be.
    case keep
    /// It is not there. Nil numbers mean the broker's defaults.
    case create(partitions: Int?, replicas: Int?, config: [String: String])
    /// It has too few partitions.
    case addPartitions(from: Int, to: Int)
    /// Its configuration differs.
    case alter([Change])
  }

  /// A property that is to get another value.
  package struct Change: Sendable, Equatable, CustomStringConvertible {
    package var name: String
    /// Nil if the cluster does not show it.
    package var from: String?
    package var to: String

    /// A change.
    package init(name: String, from: String?, to: String) {
      self.name = name
      self.from = from
      self.to = to
    }

    package var description: String { "\(name) \(from ?? "?") → \(to)" }
  }

  /// A step.
  package init(topic: String, role: TopicRole, action: Action) {
    self.topic = topic
    self.role = role
    self.action = action
  }

  /// The word for programs: `keep`, `create`, `add_partitions`, `alter`.
  package var word: String {
    switch action {
    case .keep: "keep"
    case .create: "create"
    case .addPartitions: "add_partitions"
    case .alter: "alter"
    }
  }

  package var description: String {
    switch action {
    case .keep: "\(topic): as it should be"
    case .create(let partitions, let replicas, let config):
      ([
        "\(topic): create with \(count(partitions, "partition")), \(count(replicas, "replica"))"
      ] + config.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }).joined(separator: ", ")
    case .addPartitions(let from, let to): "\(topic): add partitions, \(from) → \(to)"
    case .alter(let changes): "\(topic): alter \(changes.map(\.description).joined(separator: ", "))"
    }
  }

  private func count(_ number: Int?, _ noun: String) -> String {
    guard let number else { return "the broker's number of \(noun)s" }
    return "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
