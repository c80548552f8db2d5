import Domain
import Kafka
import Serving

/// A dry run: reads what a redrive would read, by assignment, so that one that runs meanwhile is not disturbed.
struct RedrivePreview: Sendable {
  let redrive: Redrive

  /// Reads to the end, and decides as the redrive would. Blocks.
  /// - Returns: whether the end was reached before somebody interrupted it.
  func run() throws -> Bool {
    let (target, watch) = (redrive.target, redrive.watch)
    let topics = try RedriveTopics(target)
    let partitions = Array(0..<topics.letterPartitions)
    let reader = try TopicReader(
      properties: target.properties, group: redrive.group, topic: target.topics.deadLetters, partitions: partitions,
      start: .committed, logger: target.logger)
    defer { reader.close() }
    var ends: [Int32: Int64] = [:]
    for partition in partitions { ends[partition] = try reader.watermarks(partition: partition).high }
    let processor = RedriveProcessor(redrive.filter, targets: topics.targets, counts: watch.counts)
    var responses = ResponseBatch()
    var deadline = ContinuousClock.now + Self.silence
    while !ends.isEmpty {
      if redrive.interruption.isRaised { return false }
      switch try reader.next(timeoutMilliseconds: 100) {
      case .end: return true
      case .record(let record):
        deadline = .now + Self.silence
        guard let end = ends[record.partition] else { continue }
        if record.offset >= end - 1 { ends[record.partition] = nil }
        guard record.offset < end else { continue }
        var batch = RecordBatch()
        batch.append(record, of: target.topics.deadLetters)
        batch.seal()
        responses.removeAll()
        _ = processor.beginTransaction(1)
        processor.process(batch, into: &responses)
        watch.counts.commit()
      case .nothing:
        guard ContinuousClock.now < deadline else {
          throw CommandFailure.failed("\(target.topics.deadLetters) did not answer; are the brokers up?")
        }
      }
    }
    return true
  }

  private static let silence = Duration.seconds(30)
}
