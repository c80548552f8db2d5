import Domain
import Logging

/// Reads the chunks of an archive from the releases topic.
package final class TopicChunkSource: ChunkSource {
  private let properties: ClientProperties
  private let group: String
  private let logger: Logger

  /// Seconds without a record after which a fetch is given up.
  private static let patienceSeconds = 60
  /// Seconds without a record after which another client tries.
  private static let reopeningSeconds = 10

  /// A source.
  /// - Parameter group: whose right to read is used.
  package init(properties: ClientProperties, group: String, logger: Logger) {
    self.properties = properties
    self.group = group
    self.logger = logger
  }

  package func read(
    topic: String, partition: Int32, offsets: ClosedRange<Int64>, giveUp: GiveUp,
    _ body: (TopicRecord) throws(Refusal) -> Void
  ) throws(Refusal) {
    var reader = try open(topic, partition, at: offsets.lowerBound)
    defer { reader.close() }
    var position = offsets.lowerBound
    var deadline = ContinuousClock.now + .seconds(Self.patienceSeconds)
    var reopening = ContinuousClock.now + .seconds(Self.reopeningSeconds)
    while true {
      try giveUp.check()
      switch try next(reader) {
      case .record(let record):
        if record.offset > offsets.upperBound { return }
        try body(record)
        if record.offset == offsets.upperBound { return }
        position = record.offset + 1
        deadline = .now + .seconds(Self.patienceSeconds)
        reopening = .now + .seconds(Self.reopeningSeconds)
      case .end(let end):
        // What is not there within the range was compacted.
        guard end <= offsets.upperBound else { return }
        throw Refusal(
          .fetchFailed,
          "\(topic)-\(partition) ends at offset \(end), expected it to reach \(offsets.upperBound): another publisher's transaction may be open, or the topic was made anew",
          mayRetry: true)
      case .nothing:
        if ContinuousClock.now > deadline {
          throw Refusal(
            .fetchFailed, "\(topic)-\(partition) gave nothing for \(Self.patienceSeconds) s", mayRetry: true)
        }
        if ContinuousClock.now > reopening {
          // A client that has got nowhere for so long may be waiting for a broker that has moved.
          logger.notice("reading anew", metadata: ["topic": "\(topic)", "offset": "\(position)"])
          reader.close()
          reader = try open(topic, partition, at: position)
          reopening = .now + .seconds(Self.reopeningSeconds)
        }
      }
    }
  }

  private func open(_ topic: String, _ partition: Int32, at offset: Int64) throws(Refusal) -> TopicReader {
    do throws(KafkaError) {
      return try TopicReader(
        properties: properties, group: group, topic: topic, partitions: [partition], start: .offset(offset),
        logger: logger)
    } catch {
      throw Refusal(.fetchFailed, error.description, mayRetry: true)
    }
  }

  private func next(_ reader: TopicReader) throws(Refusal) -> TopicReader.Step {
    do throws(KafkaError) { return try reader.next(timeoutMilliseconds: Int32(Limits.giveUpCheckMilliseconds)) } catch {
      throw Refusal(.fetchFailed, error.description, mayRetry: true)
    }
  }
}
