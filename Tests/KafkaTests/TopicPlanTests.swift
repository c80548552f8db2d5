import Domain
import Kafka
import Testing

@Suite("Plans for topics")
struct TopicPlanTests {
  /// The cluster after the file was applied.
  private func applied(
    _ file: TopicsFile = SampleTopics.file(), _ change: (inout [String: ActualTopic]) -> Void = { _ in }
  ) -> [String: ActualTopic] {
    var actual = Dictionary(
      uniqueKeysWithValues: file.desired.map { topic in
        var config = topic.config.mapValues { ActualTopic.Setting($0, isOwn: true) }
        config["min.insync.replicas"] = .init("2")
        return (topic.name, ActualTopic(partitions: topic.partitions ?? 1, replicas: 3, config: config))
      })
    change(&actual)
    return actual
  }

  private func changed(_ plan: TopicPlan) -> [TopicStep] { plan.steps.filter { $0.action != .keep } }

  @Test("On an empty cluster everything is created")
  func create() {
    let plan = TopicPlan(SampleTopics.file(), actual: [:])
    #expect(plan.steps.count == 7 && plan.steps.allSatisfy { $0.word == "create" })
    #expect(plan.conflicts.isEmpty && plan.warnings.isEmpty && !plan.isEmpty)
    #expect(
      plan.steps[3].action
        == .create(
          partitions: 1, replicas: nil,
          config: ["compression.type": "producer", "cleanup.policy": "delete", "retention.ms": "-1"]))
    #expect(
      plan.steps[3].description
        == "understudy.control: create with 1 partition, the broker's number of replicas, cleanup.policy=delete, compression.type=producer, retention.ms=-1"
    )
  }

  @Test("What is as it should be stays, other topics are not looked at")
  func keep() {
    let plan = TopicPlan(
      SampleTopics.file(), actual: applied { $0["others"] = ActualTopic(partitions: 1, replicas: 1) })
    #expect(plan.isEmpty)
    #expect(plan.steps.count == 7)
    #expect(plan.warnings.isEmpty)
  }

  @Test("Partitions are added, never taken away")
  func partitions() {
    let more = TopicPlan(
      SampleTopics.file(),
      actual: applied {
        $0["understudy.events"]?.partitions = 1; $0["understudy.responses"]?.partitions = 2
      })
    #expect(
      changed(more) == [
        TopicStep(topic: "understudy.responses", role: .responses, action: .addPartitions(from: 2, to: 6))
      ])
    #expect(more.warnings.isEmpty)
    let fewer = TopicPlan(SampleTopics.file(), actual: applied { $0["understudy.responses"]?.partitions = 12 })
    #expect(
      fewer.conflicts.map(\.description) == [
        "understudy.responses: expected 6 partitions, found 12: Kafka cannot take partitions away"
      ])
    #expect(!fewer.isEmpty)
    let requests = TopicPlan(SampleTopics.file(), actual: applied { $0["understudy.requests"]?.partitions = 3 })
    #expect(requests.warnings.first?.message.contains("out of order") == true)
  }

  @Test("Configuration that differs is altered, old to new; the order of a list is no difference")
  func alter() {
    let file = SampleTopics.file { $0.topics[1].config = ["cleanup.policy": "compact,delete", "retention.ms": "7"] }
    let plan = TopicPlan(
      file,
      actual: applied(file) {
        $0["understudy.responses"]?.config["cleanup.policy"] = .init("delete,compact")
        $0["understudy.responses"]?.config["retention.ms"] = .init("604800000")
        $0["understudy.responses"]?.config["compression.type"] = nil
      })
    #expect(
      changed(plan).map(\.description) == [
        "understudy.responses: alter compression.type ? → producer, retention.ms 604800000 → 7"
      ])
  }

  @Test("P6: a control topic that has several partitions or is compacted is a conflict, not an alteration")
  func control() {
    let partitions = TopicPlan(SampleTopics.file(), actual: applied { $0["understudy.control"]?.partitions = 3 })
    #expect(partitions.conflicts.first?.message.hasPrefix("expected 1 partition, found 3") == true)
    let compacted = TopicPlan(
      SampleTopics.file(), actual: applied { $0["understudy.control"]?.config["cleanup.policy"] = .init("compact") })
    #expect(compacted.conflicts.first?.message.hasPrefix("expected cleanup.policy delete, found compact") == true)
    #expect(changed(compacted).isEmpty)
  }

  @Test("What works but should be known is a warning")
  func warnings() {
    func warnings(_ file: TopicsFile = SampleTopics.file(), _ change: (inout [String: ActualTopic]) -> Void) -> [String]
    {
      let plan = TopicPlan(file, actual: applied(file, change))
      #expect(plan.isEmpty)
      return plan.warnings.map(\.description)
    }
    let weak = warnings { $0["understudy.control"]?.config["min.insync.replicas"] = .init("1") }
    #expect(weak.count == 1 && weak.first?.hasPrefix("understudy.control: min.insync.replicas is 1") == true)
    let uneven = warnings(SampleTopics.file { $0.topics[1].partitions = 4 }) { _ in }
    #expect(uneven.count == 1 && uneven.first?.contains("taken modulo 4") == true)
    let large = warnings(SampleTopics.file { $0.topics[0].config["max.message.bytes"] = "5000000" }) { _ in }
    #expect(
      large == [
        "understudy.dead-letters: max.message.bytes is 1114124: dead letters of understudy.requests need 5065536"
      ])
    let replicas = warnings(SampleTopics.file { $0.topics[0].replicas = 2 }) { _ in }
    #expect(replicas.first?.contains("expected 2 replicas, found 3") == true)
  }
}
