import Domain

/// The difference between the topics as they should be and as they are, and what closes it. Pure: nothing is asked or
/// changed.
package struct TopicPlan: Sendable, Equatable {
  /// In the order of the file; a topic may have two, partitions before configuration.
  package var steps: [TopicStep]
  /// What cannot be closed by steps; a plan with conflicts is not applied.
  package var conflicts: [Remark]
  /// What works, but should be known.
  package var warnings: [Remark]

  /// Something to say about a topic.
  package struct Remark: Sendable, Equatable, CustomStringConvertible {
    package var topic: String
    package var message: String

    /// A remark.
    package init(topic: String, _ message: String) {
      self.topic = topic
      self.message = message
    }

    package var description: String { "\(topic): \(message)" }
  }

  /// Whether the cluster is as the file says.
  package var isEmpty: Bool { conflicts.isEmpty && steps.allSatisfy { $0.action == .keep } }

  /// A plan for a file that was checked.
  /// - Parameter actual: the topics that exist, by name; others than the file's are not looked at.
  package init(_ file: TopicsFile, actual: [String: ActualTopic]) {
    (steps, conflicts, warnings) = ([], [], [])
    let desired = file.desired
    for topic in desired {
      if let existing = actual[topic.name] {
        compare(topic, existing)
      } else {
        let action = TopicStep.Action.create(
          partitions: topic.partitions, replicas: topic.replicas, config: topic.config)
        steps.append(TopicStep(topic: topic.name, role: topic.role, action: action))
      }
      warnAboutReplicas(topic, actual[topic.name])
    }
    warnAboutPartitions(desired, actual)
    warnAboutSizes(desired, actual)
  }

  private mutating func compare(_ topic: DesiredTopic, _ existing: ActualTopic) {
    let before = (steps.count, conflicts.count)
    if topic.role == .control { refuseControl(topic, existing) }
    if let partitions = topic.partitions, partitions != existing.partitions, topic.role != .control {
      if partitions > existing.partitions {
        let action = TopicStep.Action.addPartitions(from: existing.partitions, to: partitions)
        steps.append(TopicStep(topic: topic.name, role: topic.role, action: action))
        if topic.role == .requests {
          warn(
            topic,
            "more partitions move keys to other partitions: requests of one key are out of order across the change")
        }
      } else {
        conflict(
          topic, "expected \(partitions) partitions, found \(existing.partitions): Kafka cannot take partitions away")
      }
    }
    if let replicas = topic.replicas, existing.replicas > 0, replicas != existing.replicas {
      warn(topic, "expected \(replicas) replicas, found \(existing.replicas): use kafka-reassign-partitions.sh")
    }
    let changes = topic.config.sorted { $0.key < $1.key }.compactMap { name, value -> TopicStep.Change? in
      let current = existing.config[name]?.value
      if let current, TopicConfig.isSame(name, current, value) { return nil }
      return TopicStep.Change(name: name, from: current, to: value)
    }
    // Compaction of a control topic has done its damage when it is found: altering it would hide that.
    if !changes.isEmpty, !(topic.role == .control && conflicts.count > before.1) {
      steps.append(TopicStep(topic: topic.name, role: topic.role, action: .alter(changes)))
    }
    if steps.count == before.0, conflicts.count == before.1 {
      steps.append(TopicStep(topic: topic.name, role: topic.role, action: .keep))
    }
  }

  private mutating func refuseControl(_ topic: DesiredTopic, _ existing: ActualTopic) {
    if existing.partitions != 1 {
      conflict(
        topic,
        "expected 1 partition, found \(existing.partitions): commands on several partitions have no order; name another topic"
      )
    }
    if let policy = existing.config["cleanup.policy"]?.value, TopicConfig.isCompacted(policy) {
      conflict(
        topic,
        "expected cleanup.policy delete, found \(policy): commands may be gone already; name another topic, or set it by hand"
      )
    }
  }

  private mutating func warnAboutReplicas(_ topic: DesiredTopic, _ existing: ActualTopic?) {
    let value = topic.config["min.insync.replicas"] ?? existing?.config["min.insync.replicas"]?.value
    guard let value else {
      // What brokers give to a topic that does not exist yet is not known before it does.
      return
    }
    guard let number = Int(value), number < 2 else { return }
    warn(
      topic,
      "min.insync.replicas is \(number): records that were acknowledged are lost with one broker; set it to 2 with 3 replicas"
    )
  }

  /// Responses go to the request's partition modulo the count.
  private mutating func warnAboutPartitions(_ desired: [DesiredTopic], _ actual: [String: ActualTopic]) {
    func count(_ topic: DesiredTopic) -> Int? {
      let existing = actual[topic.name]?.partitions
      return topic.partitions.map { max($0, existing ?? 0) } ?? existing
    }
    guard let responses = desired.first(where: { $0.role == .responses }), let answers = count(responses) else {
      return
    }
    for requests in desired where requests.role == .requests {
      if let number = count(requests), number != answers {
        warn(
          responses,
          "\(answers) partitions, but \(requests.name) has \(number): a request's partition is taken modulo \(answers)")
      }
    }
  }

  /// A dead letter holds a whole request, and headers that say why.
  private mutating func warnAboutSizes(_ desired: [DesiredTopic], _ actual: [String: ActualTopic]) {
    func maximum(_ topic: DesiredTopic) -> Int {
      let text = topic.config["max.message.bytes"] ?? actual[topic.name]?.config["max.message.bytes"]?.value
      return text.flatMap { Int($0) } ?? TopicRole.brokerMessageBytes
    }
    guard let letters = desired.first(where: { $0.role == .deadLetters }) else { return }
    for requests in desired where requests.role == .requests {
      let needed = maximum(requests) + Limits.deadLetterOverheadBytes
      if maximum(letters) < needed {
        warn(letters, "max.message.bytes is \(maximum(letters)): dead letters of \(requests.name) need \(needed)")
      }
    }
  }

  private mutating func warn(_ topic: DesiredTopic, _ message: String) {
    warnings.append(Remark(topic: topic.name, message))
  }

  private mutating func conflict(_ topic: DesiredTopic, _ message: String) {
    conflicts.append(Remark(topic: topic.name, message))
  }
}
