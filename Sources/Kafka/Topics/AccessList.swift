import Domain

/// The rights that each role of user needs, and no more: a requester cannot command, a publisher cannot answer (promise
/// P9).
///
/// Brokers before 3.0 also need `IdempotentWrite` on the cluster for whoever writes; since KIP-679 the right to write
/// is enough. Reply topics are the deployment's own: the worker needs `Write` and `Describe` on those that its
/// `replies.allow` has.
package struct AccessList: Sendable, Equatable {
  /// Every right, by user.
  package let rules: [AccessRule]

  /// The rights for a file of topics.
  /// - Parameter slot: narrows a worker's transactional ids to its own, so that one worker cannot fence another.
  package init(_ file: TopicsFile, group: String, slot: String? = nil) {
    let requests = file.entries(.requests).map(\.name)
    func names(_ roles: TopicRole...) -> [String] { roles.flatMap { file.entries($0).map(\.name) } }
    func topics(_ user: AccessRule.User, _ names: [String], _ operations: String...) -> [AccessRule] {
      names.map { AccessRule(user, .topic, $0, .literal, operations) }
    }

    var worker = topics(.worker, requests + names(.control, .releases), "Read", "Describe", "DescribeConfigs")
    worker += topics(
      .worker, names(.responses, .deadLetters, .events, .status), "Write", "Describe", "DescribeConfigs")
    worker.append(AccessRule(.worker, .group, group, .literal, ["Read", "Describe"]))
    worker.append(
      AccessRule(
        .worker, .transactionalID, slot.map { "\(group).\($0)." } ?? "\(group).", .prefixed, ["Write", "Describe"]))

    var requester = topics(.requester, requests, "Write", "Describe")
    requester += topics(.requester, names(.responses), "Read", "Describe")
    requester.append(AccessRule(.requester, .group, "\(group).requester", .prefixed, ["Read", "Describe"]))

    var publisher = topics(.publisher, names(.releases, .control), "Write", "Describe")
    publisher += topics(.publisher, names(.events, .status), "Read", "Describe")
    publisher.append(AccessRule(.publisher, .group, group, .literal, ["Describe"]))

    let administration = ["Create", "Describe", "Alter", "DescribeConfigs", "AlterConfigs"]
    var operating = file.topics.map { entry in
      let own: [String] =
        switch entry.role {
        case .requests: ["Write"]
        case .control: ["Read", "Write"]
        case .releases: ["Write"]
        case .deadLetters, .events, .status, .responses: ["Read"]
        }
      return AccessRule(.operator, .topic, entry.name, .literal, own + administration)
    }
    operating.append(AccessRule(.operator, .group, group, .literal, ["Describe"]))
    operating.append(AccessRule(.operator, .group, "\(group).redrive", .prefixed, ["Read", "Describe"]))
    operating.append(AccessRule(.operator, .transactionalID, "\(group).redrive", .prefixed, ["Write", "Describe"]))
    rules = worker + requester + publisher + operating
  }

  /// The lines that give the rights with Kafka's own tool, in the order of the rules.
  /// - Parameter principals: by user, e.g. `User:scoring`; a user without one is `User:<role>`.
  package func commands(
    principals: [AccessRule.User: String] = [:], bootstrapServers: String = "127.0.0.1:9092"
  ) -> [String] {
    rules.map { rule in
      rule.command(
        principal: principals[rule.user] ?? "User:\(rule.user.rawValue)", bootstrapServers: bootstrapServers)
    }
  }
}
