import Domain
import Foundation
import Kafka
import Logging

@testable import understudy

/// A broker with the topics of one test: the one that `KAFKA_BOOTSTRAP_SERVERS` names, with topics of unique names,
/// else one inside of this process.
final class TestBroker: Sendable {
  static let logger: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .error
    return logger
  }()

  /// Names begin with it; also the group of the test's workers.
  let name: String
  let topics: TopicNames
  let file: TopicsFile
  let properties: ClientProperties
  /// The broker inside of this process, for injecting faults; nil with a real one.
  let embedded: EmbeddedBroker?

  /// Topics besides those with a role, of two partitions each.
  let replies: [String]

  /// - Parameter replies: how the names of topics besides those with a role end.
  /// - Parameter brokers: how many the embedded one has.
  init(
    partitions: Int = 3, model: String = Example.model, replies: [String] = [], alwaysEmbedded: Bool = false,
    brokers: Int = 1
  ) throws {
    let name = "test-\(UUID().uuidString.prefix(8).lowercased())"
    self.name = name
    var entries = TopicRole.allCases.map { TopicsFile.Entry(role: $0, name: "\(name).\($0.rawValue)") }
    for index in entries.indices where [.requests, .responses, .deadLetters].contains(entries[index].role) {
      entries[index].partitions = partitions
      if entries[index].role == .requests { entries[index].model = model }
    }
    file = TopicsFile(topics: entries)
    topics = TopicNames(file)
    self.replies = replies.map { "\(name).\($0)" }
    let others = self.replies.map { (name: $0, partitions: 2) }
    if let address = RealBroker.address, !alwaysEmbedded {
      embedded = nil
      properties = try ClientProperties(["bootstrap.servers": address])
      try Self.create(file, others, properties)
    } else {
      let all = file.desired.map { (name: $0.name, partitions: $0.partitions ?? 1) } + others
      let broker = try EmbeddedBroker(topics: all, brokers: brokers, logger: Self.logger)
      embedded = broker
      properties = try ClientProperties(["bootstrap.servers": broker.bootstrapServers])
    }
  }

  private static func create(
    _ file: TopicsFile, _ others: [(name: String, partitions: Int)], _ properties: ClientProperties
  ) throws {
    var all = file
    all.topics += others.map { .init(role: .responses, name: $0.name, partitions: $0.partitions) }
    let admin = try TopicAdmin(properties: properties, logger: logger)
    for result in try admin.apply(TopicPlan(all, actual: [:])) {
      if let error = result.error { throw TestFailure("\(result.step.topic): \(error)") }
    }
    try waitUntil("topics are known") {
      try admin.describe(topics: all.topics.map(\.name)).count == all.topics.count
    }
  }

  /// What the program's commands talk to.
  var target: ConnectionOptions.Target {
    .init(properties: properties, topics: topics, file: file, group: name, logger: Self.logger)
  }

  /// The topics as `topics.yaml`.
  var yaml: String {
    let lines = file.topics.map { entry in
      var line = "  - {role: \(entry.role.rawValue), name: \(entry.name)"
      if let model = entry.model { line += ", model: \(model)" }
      if let partitions = entry.partitions { line += ", partitions: \(partitions)" }
      return line + "}"
    }
    return "version: 1\ntopics:\n" + lines.joined(separator: "\n") + "\n"
  }
}
