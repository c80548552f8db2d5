import CRdKafka
import Domain

/// What is known of the topics that a worker writes to, read once at its start.
package struct DestinationTopics: Sendable, Equatable {
  /// Partitions of the responses topic.
  package var responsePartitions: Int32
  /// Partitions of the dead-letter topic.
  package var deadLetterPartitions: Int32
  /// `max.message.bytes` of the responses topic.
  package var responseBytes: Int
  /// `max.message.bytes` of the dead-letter topic.
  package var deadLetterBytes: Int

  /// Facts about the topics; sizes are Kafka's default where the broker did not tell.
  package init(
    responsePartitions: Int32, deadLetterPartitions: Int32, responseBytes: Int = 1_048_588,
    deadLetterBytes: Int = 1_048_588
  ) {
    self.responsePartitions = responsePartitions
    self.deadLetterPartitions = deadLetterPartitions
    self.responseBytes = responseBytes
    self.deadLetterBytes = deadLetterBytes
  }

  /// Topics that are written to by their names only, without answers and dead letters.
  /// - Parameter named: `max.message.bytes` of each.
  package init(named byteLimits: some Collection<Int>) {
    // The smaller one bounds batches, the larger one single records.
    self.init(
      responsePartitions: 0, deadLetterPartitions: 0, responseBytes: byteLimits.min() ?? Limits.responseBytes,
      deadLetterBytes: min(byteLimits.max() ?? Limits.responseBytes, Limits.clientMessageBytes))
  }

  /// The largest record batch that both topics take.
  var batchBytes: Int { min(Limits.responseBytes, responseBytes, deadLetterBytes) }
  /// The largest single record that either takes.
  var recordBytes: Int { max(Limits.responseBytes, responseBytes, deadLetterBytes) }
}

/// The destinations of a lane: nothing is produced that the broker would refuse for its content, or one record could
/// abort its transaction for ever.
final class LaneDestinations: Destinations {
  /// Bytes of a record batch beside a single record's key, value and headers, generously.
  private static let overheadBytes = 2048

  private let responses: String
  private let deadLetters: String
  private var topics: DestinationTopics
  private var counts: [String: Int32] = [:]
  private var countsExpire = ContinuousClock.now
  private(set) var denied: [String: ContinuousClock.Instant] = [:]
  private var learnedLimits: [String: Int] = [:]
  /// Whom to ask for metadata.
  var client: Client?

  init(_ topics: DestinationTopics, responses: String, deadLetters: String) {
    self.topics = topics
    self.responses = responses
    self.deadLetters = deadLetters
  }

  var responsePartitionCount: Int32 { topics.responsePartitions }
  var deadLetterPartitionCount: Int32 { topics.deadLetterPartitions }

  func partitionCount(ofReplyTopic topic: String) -> Int32? {
    if let until = denied[topic] {
      if ContinuousClock.now < until { return nil }
      denied[topic] = nil
    }
    if ContinuousClock.now >= countsExpire
      || (counts[topic] == nil && ContinuousClock.now >= countsExpire - .seconds(50))
    {
      guard let found = try? client?.partitionCounts(timeoutMilliseconds: 2000) else {
        // What is known is good enough for a while; what is not is asked for again in a moment, longer than a batch takes, and
        // not by every record.
        countsExpire = .now + .milliseconds(50_100)
        return counts[topic]
      }
      counts = found
      countsExpire = .now + .seconds(60)
    }
    return counts[topic]
  }

  func byteLimit(of destination: ResponseBatch.Destination) -> Int {
    let known =
      switch destination {
      case .responses, .reply: min(topics.responseBytes, Limits.responseBytes)
      case .deadLetters: topics.deadLetterBytes
      }
    if learnedLimits.isEmpty { return known - Self.overheadBytes }
    return min(known, learnedLimits[name(of: destination)] ?? known) - Self.overheadBytes
  }

  func name(of destination: ResponseBatch.Destination) -> String {
    switch destination {
    case .responses: responses
    case .reply(let topic): topic
    case .deadLetters: deadLetters
    }
  }

  /// Keeps a reply topic from being written to for a while.
  func deny(_ destination: ResponseBatch.Destination) {
    if case .reply(let topic) = destination { deny(topic) }
  }

  private func deny(_ topic: String) {
    if denied.count >= Limits.replyTopics, denied[topic] == nil { denied.removeAll() }
    denied[topic] = .now + .seconds(Limits.deniedDestinationSeconds)
  }

  /// Learns from a record that the broker did not take.
  func note(_ failure: ClientContext.DeliveryFailure) {
    // The client has failed, whatever the topic.
    if failure.code == RD_KAFKA_RESP_ERR__PURGE_QUEUE.rawValue { return }
    let isTooLarge = failure.code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE.rawValue
    if isTooLarge, failure.topic == responses || failure.topic == deadLetters {
      learnedLimits[failure.topic] = max(Self.overheadBytes * 2, failure.byteCount)
    } else if failure.topic != responses, failure.topic != deadLetters {
      deny(failure.topic)
    }
  }
}
