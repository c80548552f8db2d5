import Domain
import Kafka
import Testing

@Suite("Rights")
struct AccessListTests {
  private let list = AccessList(SampleTopics.file(), group: "understudy", slot: "worker-0")

  private func may(_ user: AccessRule.User, _ operation: String, _ topic: String) -> Bool {
    list.rules.contains {
      $0.user == user && $0.resource == .topic && $0.name == "understudy.\(topic)" && $0.operations.contains(operation)
    }
  }

  @Test("P9: who asks may not command, who publishes may not answer, who serves may not command")
  func separation() {
    let topics = ["requests", "responses", "dead-letters", "control", "events", "status", "releases"]
    func all(_ user: AccessRule.User, _ operation: String) -> [String] { topics.filter { may(user, operation, $0) } }
    #expect(all(.worker, "Write") == ["responses", "dead-letters", "events", "status"])
    #expect(all(.worker, "Read") == ["requests", "control", "releases"])
    #expect(all(.requester, "Write") == ["requests"])
    #expect(all(.requester, "Read") == ["responses"])
    #expect(all(.publisher, "Write") == ["control", "releases"])
    #expect(all(.publisher, "Read") == ["events", "status"])
    #expect(all(.operator, "Write") == ["requests", "control", "releases"])
    for user in [AccessRule.User.worker, .requester, .publisher] {
      #expect(all(user, "Create").isEmpty && all(user, "Alter").isEmpty && all(user, "AlterConfigs").isEmpty)
    }
  }

  @Test("A worker's transactional ids are its own")
  func transactions() {
    let own = list.rules.first { $0.user == .worker && $0.resource == .transactionalID }
    #expect(
      own?.name == "understudy.worker-0." && own?.pattern == .prefixed && own?.operations == ["Write", "Describe"])
    let any = AccessList(SampleTopics.file(), group: "understudy").rules.first { $0.resource == .transactionalID }
    #expect(any?.name == "understudy.")
  }

  @Test("P9: an operator redrives, by groups and transactional ids of that purpose only")
  func redriving() {
    let own = list.rules.filter { $0.user == .operator }
    let groups = own.filter { $0.resource == .group && $0.operations.contains("Read") }
    #expect(groups.map(\.name) == ["understudy.redrive"] && groups.map(\.pattern) == [.prefixed])
    let transactions = own.filter { $0.resource == .transactionalID }
    #expect(transactions.map(\.name) == ["understudy.redrive"])
    #expect(transactions.map(\.operations) == [["Write", "Describe"]])
    #expect(may(.operator, "Read", "dead-letters") && may(.operator, "Write", "requests"))
    #expect(may(.operator, "DescribeConfigs", "requests") && !may(.operator, "Write", "dead-letters"))
  }

  @Test("The lines are those of Kafka's own tool, with words quoted for a shell")
  func commands() {
    let lines = list.commands(principals: [.worker: "User:CN=it's me"], bootstrapServers: "b:9092")
    #expect(lines.count == list.rules.count)
    #expect(
      lines.first
        == "kafka-acls.sh --bootstrap-server b:9092 --add --allow-principal 'User:CN=it'\\''s me' --operation Read --operation Describe --operation DescribeConfigs --topic understudy.requests"
    )
    #expect(
      lines.contains {
        $0.hasSuffix(
          "--operation Write --operation Describe --transactional-id understudy.worker-0. --resource-pattern-type prefixed"
        )
      })
    #expect(lines.contains { $0.contains("--allow-principal User:requester") })
  }
}
