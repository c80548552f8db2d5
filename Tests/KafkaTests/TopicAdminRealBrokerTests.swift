import Domain
import Foundation
import Kafka
import Logging
import Testing

/// The embedded broker has no admin API, so that what changes topics is proved on a real one only: the one that
/// KAFKA_BOOTSTRAP_SERVERS names.
@Suite(
  "Admin API of a real broker",
  .realBroker("topics apply: topics are created, widened and altered, and keep what they have of their own"))
struct TopicAdminRealBrokerTests {
  @Test("Topics are created, widened and altered, what they have of their own stays, and then nothing is left to do")
  func apply() throws {
    let address = try #require(RealBroker.address)
    let prefix = "admin-\(UUID().uuidString.prefix(8))"
    let admin = try TopicAdmin(
      properties: ClientProperties(["bootstrap.servers": address]), logger: Logger(label: "test"))
    func file(_ change: (inout TopicsFile) -> Void = { _ in }) -> TopicsFile {
      SampleTopics.file { file in
        for index in file.topics.indices { file.topics[index].name = "\(prefix).\(file.topics[index].role.rawValue)" }
        change(&file)
      }
    }
    let names = file().topics.map(\.name)
    func plan(_ file: TopicsFile) throws -> TopicPlan {
      #expect(file.problems.isEmpty)
      return TopicPlan(file, actual: try admin.describe(topics: names))
    }
    // A broker learns from its controller a moment later.
    func expectNothingLeft(_ file: TopicsFile) throws {
      let deadline = ContinuousClock.now + .seconds(20)
      while try !plan(file).isEmpty, ContinuousClock.now < deadline {}
      let rest = try plan(file)
      #expect(rest.isEmpty, "\(rest)")
    }

    let creation = try plan(file())
    #expect(creation.steps.allSatisfy { $0.word == "create" })
    #expect(try admin.apply(creation).allSatisfy { $0.error == nil })
    try expectNothingLeft(file())
    #expect(try admin.maxMessageBytes(of: names)["\(prefix).dead-letters"] == 1_114_124)
    // Created twice: somebody else was first.
    let again = try admin.apply(creation)
    #expect(again.count == 7 && again.allSatisfy { if case .retry = $0.error { true } else { false } })

    let wider = file { file in
      file.topics[1].partitions = 8
      file.topics[1].config = ["retention.ms": "3600000"]
    }
    let change = try plan(wider)
    #expect(change.steps.filter { $0.action != .keep }.map(\.word) == ["add_partitions", "alter"])
    #expect(try admin.apply(change).allSatisfy { $0.error == nil })
    try expectNothingLeft(wider)
    let responses = try #require(try admin.describe(topics: names)["\(prefix).responses"])
    #expect(responses.partitions == 8)
    #expect(responses.config["retention.ms"] == .init("3600000", isOwn: true))
    #expect(responses.config["compression.type"] == .init("producer", isOwn: true))
    #expect(responses.config["segment.bytes"]?.isOwn == false)

    let wrong = file { file in
      file.topics[1] = wider.topics[1]
      file.topics[4].config = ["retention.ms": "soon"]
    }
    let results = try admin.apply(try plan(wrong))
    #expect(results.count == 1)
    guard case .stop(let message) = results.first?.error else { Issue.record("\(results)"); return }
    #expect(message.contains("\(prefix).events"))
  }
}
