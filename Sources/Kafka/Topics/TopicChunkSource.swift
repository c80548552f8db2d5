import Domain
import Logging

/// Reads the chunks of an archive from the releases topic.
package final class TopicChunkSource: ChunkSource {
  private let properties: ClientProperties
  private let group: String
  private let logger: Logger

  /// Seconds without a record after which a fetch is given up.
  private static let patienceSeconds = 60

  /// A source.
  /// - Parameter group: whose right to read is used.
  package init(properties: ClientProperties, group: String, logger: Logger) {
    self.properties = properties
    self.group = group
    self.logger = logger
  }

  package func read(
    topic: String, partition: Int32, offsets: ClosedRange<Int64>, _ body: (TopicRecord) throws(Refusal) -> Void
  ) throws(Refusal) {
    let reader: TopicReader
    do throws(KafkaError) {
      reader = try TopicReader(
        properties: properties, group: group, topic: topic, partitions: [partition], start: .offset(offsets.lowerBound),
        logger: logger)
    } catch {
      throw Refusal(.fetchFailed, error.description)
    }
    defer { reader.close() }
    var deadline = ContinuousClock.now + .seconds(Self.patienceSeconds)
    while true {
      switch try next(reader) {
      case .record(let record):
        if record.offset > offsets.upperBound { return }
        try body(record)
        if record.offset == offsets.upperBound { return }
        deadline = .now + .seconds(Self.patienceSeconds)
      case .end: return
      case .nothing:
        if ContinuousClock.now > deadline {
          throw Refusal(.fetchFailed, "\(topic)-\(partition) gave nothing for \(Self.patienceSeconds) s")
        }
      }
    }
  }

  private func next(_ reader: TopicReader) throws(Refusal) -> TopicReader.Step {
    do throws(KafkaError) { return try reader.next(timeoutMilliseconds: 200) } catch {
      throw Refusal(.fetchFailed, error.description)
    }
  }
}
