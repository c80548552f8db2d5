/// What must hold for a file of topics.
extension TopicsFile {
  /// Everything that is wrong, in the order of the file; empty if nothing is.
  package var problems: [TopicsProblem] {
    var problems: [TopicsProblem] = []
    if version != Self.supportedVersion {
      problems.append(TopicsProblem(key: "version", "expected \(Self.supportedVersion), found \(version)"))
    }
    problems += numbers(partitions: defaults.partitions, replicas: defaults.replicas, topic: nil, prefix: "defaults.")
    for (index, entry) in topics.enumerated() { problems += self.problems(of: entry, at: index) }
    return problems + countProblems
  }

  private func problems(of entry: Entry, at index: Int) -> [TopicsProblem] {
    var problems: [TopicsProblem] = []
    if let problem = TopicName.problem(entry.name) {
      problems.append(TopicsProblem(topic: index, key: "name", "\(problem), found \"\(entry.name)\""))
    }
    let key = TopicName.collisionKey(entry.name)
    if let other = topics[..<index].first(where: { TopicName.collisionKey($0.name) == key }) {
      let reason =
        other.name == entry.name ? "is another topic's already" : "collides with \(other.name) in Kafka's metrics"
      problems.append(
        TopicsProblem(topic: index, key: "name", "expected a name of its own, but \(entry.name) \(reason)"))
    }
    problems += numbers(partitions: entry.partitions, replicas: entry.replicas, topic: index, prefix: "")
    if let model = entry.model {
      if entry.role != .requests {
        problems.append(
          TopicsProblem(
            topic: index, key: "model", "expected on topics of requests only, found on \(entry.role.rawValue)"))
      } else if !ReleaseIdentity.isValidName(model) {
        problems.append(
          TopicsProblem(
            topic: index, key: "model",
            "expected 1 to \(Limits.nameCharacters) letters, digits, dots, underscores and hyphens, found \"\(model)\"")
        )
      }
    }
    if entry.role == .control { problems += controlProblems(of: entry, at: index) }
    return problems
  }

  /// Commands have one order, and none of them may vanish.
  private func controlProblems(of entry: Entry, at index: Int) -> [TopicsProblem] {
    var problems: [TopicsProblem] = []
    if let partitions = entry.partitions, partitions != 1 {
      problems.append(
        TopicsProblem(
          topic: index, key: "partitions",
          "expected 1, found \(partitions): commands on several partitions have no order, and workers would disagree"))
    }
    if let policy = entry.config["cleanup.policy"], TopicConfig.isCompacted(policy) {
      problems.append(
        TopicsProblem(
          topic: index, key: "config.cleanup.policy",
          "expected delete, found \(policy): compaction drops all but the last command of a model, and so the order of commands"
        ))
    }
    return problems
  }

  private func numbers(partitions: Int?, replicas: Int?, topic: Int?, prefix: String) -> [TopicsProblem] {
    var problems: [TopicsProblem] = []
    if let partitions, !(1...Limits.partitionsPerTopic).contains(partitions) {
      problems.append(
        TopicsProblem(
          topic: topic, key: "\(prefix)partitions", "expected 1 to \(Limits.partitionsPerTopic), found \(partitions)"))
    }
    if let replicas, !(1...Int(Int16.max)).contains(replicas) {
      problems.append(TopicsProblem(topic: topic, key: "\(prefix)replicas", "expected 1 or more, found \(replicas)"))
    }
    return problems
  }

  private var countProblems: [TopicsProblem] {
    TopicRole.allCases.compactMap { role in
      let count = entries(role).count
      if role == .requests {
        return count == 0
          ? TopicsProblem(key: "topics", "expected at least one topic of role requests, found none") : nil
      }
      return count == 1
        ? nil : TopicsProblem(key: "topics", "expected one topic of role \(role.rawValue), found \(count)")
    }
  }
}
