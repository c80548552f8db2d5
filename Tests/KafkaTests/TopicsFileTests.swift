import Domain
import Testing

@Suite("Files of topics")
struct TopicsFileTests {
  private func problems(_ change: (inout TopicsFile) -> Void) -> [String] {
    SampleTopics.file(change).problems.map(\.description)
  }

  @Test("The contract's example is fine, and what its roles leave out is filled in")
  func example() throws {
    let file = SampleTopics.file()
    #expect(file.problems.isEmpty)
    #expect(file.desired.map(\.partitions) == [6, 6, 6, 1, 1, 1, 1])
    let configs = Dictionary(uniqueKeysWithValues: file.desired.map { ($0.role, $0.config) })
    #expect(
      configs[.control] == ["compression.type": "producer", "cleanup.policy": "delete", "retention.ms": "-1"])
    #expect(configs[.status]?["cleanup.policy"] == "compact")
    #expect(configs[.releases]?["cleanup.policy"] == "compact")
    #expect(configs[.deadLetters]?["max.message.bytes"] == "1114124")
    #expect(configs[.deadLetters]?["retention.ms"] == "1209600000")
    #expect(configs[.requests] == ["compression.type": "producer"])
    #expect(file.name(.control) == "understudy.control")
  }

  @Test("A topic wins over its role, the role over what holds for all")
  func precedence() throws {
    let file = SampleTopics.file {
      $0.defaults.config = ["cleanup.policy": "compact", "retention.ms": "1"]
      $0.topics[2].config = ["retention.ms": "5"]
      $0.topics[1].partitions = 3
    }
    #expect(file.problems.isEmpty)
    #expect(file.desired[3].config == ["cleanup.policy": "delete", "retention.ms": "-1"])
    #expect(file.desired[2].config["retention.ms"] == "5")
    #expect(file.desired[1].partitions == 3)
  }

  @Test("A control topic with several partitions or compaction is refused, since commands have an order")
  func control() {
    #expect(
      problems { $0.topics[3].partitions = 6 }.first?.hasPrefix("topics[3].partitions: expected 1, found 6") == true)
    for policy in ["compact", "compact,delete", "delete, compact"] {
      let found = problems { $0.topics[3].config["cleanup.policy"] = policy }
      #expect(found.first?.contains("expected delete, found \(policy)") == true)
    }
    #expect(problems { $0.topics[3].config["cleanup.policy"] = "delete" }.isEmpty)
  }

  @Test("Each role is there once, requests at least once")
  func roles() {
    for role in TopicRole.allCases {
      let found = problems { $0.topics.removeAll { $0.role == role } }
      #expect(found.count == 1 && found.first?.contains("of role \(role.rawValue), found") == true)
      let twice = problems { $0.topics.append(.init(role: role, name: "another")) }
      #expect(twice.isEmpty == (role == .requests))
    }
  }

  @Test(
    "A name that Kafka would refuse is refused here",
    arguments: [
      "", ".", "..", "a b", "a/b", "ü", String(repeating: "a", count: 250), "understudy.requests",
      "understudy_requests",
    ])
  func names(_ name: String) {
    let found = problems { $0.topics[1].name = name }
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("topics[1].name: expected") == true)
  }

  @Test("Numbers, versions and models are checked")
  func values() {
    #expect(problems { $0.version = 2 } == ["version: expected 1, found 2"])
    #expect(problems { $0.defaults.partitions = 0 }.first?.hasPrefix("defaults.partitions: expected 1 to") == true)
    #expect(problems { $0.topics[0].partitions = Limits.partitionsPerTopic }.isEmpty)
    #expect(problems { $0.topics[0].partitions = Limits.partitionsPerTopic + 1 }.count == 1)
    #expect(problems { $0.topics[0].replicas = 0 }.first?.hasPrefix("topics[0].replicas") == true)
    #expect(problems { $0.topics[0].model = "a/b" }.first?.hasPrefix("topics[0].model") == true)
    #expect(problems { $0.topics[1].model = "a" }.first?.contains("topics of requests only") == true)
  }
}
