import Domain
import Logging
import Testing

@testable import Kafka

@Suite("Admin API")
struct TopicAdminTests {
  private let logger = Logger(label: "test")

  private func failure(_ body: () throws(KafkaError) -> Void) -> KafkaError? {
    do throws(KafkaError) { try body() } catch { return error }
    return nil
  }

  private func isUnsupported(_ error: KafkaError?) -> Bool {
    guard case .stop(let message) = error else { return false }
    return message.contains("this broker has no admin API (the embedded broker creates its topics itself")
  }

  @Test("The embedded broker has no admin API, and every call says so")
  func embedded() throws {
    let broker = try EmbeddedBroker(topics: [("understudy.requests", 3)], logger: logger)
    let admin = try TopicAdmin(
      properties: ClientProperties(["bootstrap.servers": broker.bootstrapServers]), logger: logger)
    #expect(try admin.describe(topics: ["nowhere"]).isEmpty)
    #expect(
      try admin.client.shapes(of: ["understudy.requests"], timeoutMilliseconds: 5000) == [
        "understudy.requests": ActualTopic(partitions: 3, replicas: 1)
      ])
    #expect(isUnsupported(failure { () throws(KafkaError) in _ = try admin.describe(topics: ["understudy.requests"]) }))
    #expect(
      isUnsupported(failure { () throws(KafkaError) in _ = try admin.maxMessageBytes(of: ["understudy.requests"]) }))
    let plan = TopicPlan(SampleTopics.file(), actual: [:])
    #expect(isUnsupported(failure { () throws(KafkaError) in _ = try admin.apply(plan) }))
    let more = TopicPlan(
      SampleTopics.file { $0.topics = [$0.topics[0]] },
      actual: ["understudy.requests": ActualTopic(partitions: 3, replicas: 1)])
    #expect(more.steps.map(\.word) == ["add_partitions", "alter"])
    #expect(isUnsupported(failure { () throws(KafkaError) in _ = try admin.apply(more) }))
  }

  @Test("Brokers that do not answer are worth another try")
  func away() throws {
    let admin = try TopicAdmin(properties: ClientProperties(["bootstrap.servers": "127.0.0.1:1"]), logger: logger)
    let described = failure { () throws(KafkaError) in
      _ = try admin.describe(topics: ["a"], timeout: .milliseconds(100))
    }
    guard case .retry = described else { Issue.record("\(String(describing: described))"); return }
    let sizes = failure { () throws(KafkaError) in
      _ = try admin.maxMessageBytes(of: ["a"], timeout: .milliseconds(100))
    }
    guard case .retry = sizes else { Issue.record("\(String(describing: sizes))"); return }
  }

  @Test("A plan with conflicts is not applied")
  func conflicts() throws {
    let admin = try TopicAdmin(properties: ClientProperties(["bootstrap.servers": "127.0.0.1:1"]), logger: logger)
    let plan = TopicPlan(
      SampleTopics.file(), actual: ["understudy.control": ActualTopic(partitions: 2, replicas: 1)])
    guard case .stop(let message) = failure({ () throws(KafkaError) in _ = try admin.apply(plan) }) else {
      Issue.record("expected a stop")
      return
    }
    #expect(message.hasPrefix("not applied, since understudy.control: expected 1 partition"))
  }

  @Test("An alteration sends along what the topic has of its own, and nothing that it only inherits")
  func merged() throws {
    let config: [String: ActualTopic.Setting] = [
      "retention.ms": .init("5", isOwn: true), "cleanup.policy": .init("delete", isOwn: true),
      "segment.bytes": .init("1073741824"), "hidden": .init(nil),
    ]
    let change = TopicStep.Change(name: "retention.ms", from: "5", to: "7")
    #expect(try TopicAdmin.merged(config, [change], topic: "t") == ["retention.ms": "7", "cleanup.policy": "delete"])
    let hidden: [String: ActualTopic.Setting] = ["hidden": .init(nil, isOwn: true)]
    let lost = failure { () throws(KafkaError) in _ = try TopicAdmin.merged(hidden, [change], topic: "t") }
    guard case .stop = lost else { Issue.record("\(String(describing: lost))"); return }
  }
}
