import Domain
import Kafka
import Serving

/// What must be known of the topics before a letter goes back: found out once, at the start.
struct RedriveTopics: Sendable, Equatable {
  /// Partitions of the dead-letter topic.
  var letterPartitions: Int32
  /// The topics of requests.
  var targets: [String: RedriveProcessor.Target]

  /// Asks the brokers. Blocks.
  init(_ target: ConnectionOptions.Target) throws {
    let directory = try TopicDirectory(properties: target.properties, logger: target.logger)
    let counts = try directory.partitionCounts(waiting: .seconds(15))
    guard let partitions = counts[target.topics.deadLetters] else {
      throw CommandFailure.failed(
        "there is no topic \(target.topics.deadLetters): create the topics with `understudy topics apply`")
    }
    letterPartitions = partitions
    let present = target.topics.requests.map(\.name).filter { counts[$0] != nil }
    let limits = try Self.byteLimits(of: present, target)
    targets = target.topics.requests.reduce(into: [:]) { targets, topic in
      targets[topic.name] = .missing
      guard let count = counts[topic.name], let limit = limits[topic.name] else { return }
      targets[topic.name] = .init(partitions: count, byteLimit: limit)
    }
  }

  /// Without the limit a letter that is too large would make its transaction fail for ever.
  private static func byteLimits(of topics: [String], _ target: ConnectionOptions.Target) throws -> [String: Int] {
    let found: [String: Int]
    do throws(KafkaError) {
      found = try TopicAdmin(properties: target.properties, logger: target.logger).maxMessageBytes(of: topics)
    } catch {
      guard case .stop = error else { throw error }
      // Brokers that do not tell have Kafka's default.
      return Dictionary(uniqueKeysWithValues: topics.map { ($0, TopicRole.brokerMessageBytes) })
    }
    if let hidden = topics.first(where: { found[$0] == nil }) {
      throw CommandFailure.failed(
        "the brokers do not tell max.message.bytes of \(hidden): DescribeConfigs is needed, `understudy topics acl` prints the rights of operators"
      )
    }
    return found
  }

  /// What a lane must know of them.
  var destinations: DestinationTopics {
    DestinationTopics(named: targets.values.filter { $0.partitions > 0 }.map(\.byteLimit))
  }
}
