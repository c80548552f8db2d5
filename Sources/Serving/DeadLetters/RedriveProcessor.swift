import Domain

/// The data path of a redrive: puts the requests of dead letters back where they came from, byte for byte.
///
/// Nothing is produced that its topic could refuse for its content, or one letter would abort its transaction again and
/// again. A topic that fails otherwise is not passed over: the lane tries again and in the end gives up, with the
/// letters still to be redriven.
package final class RedriveProcessor: RecordProcessor {
  private let filter: RedriveFilter
  private let targets: [String: Target]
  private let counts: RedriveCounts

  package var isSwitchWaiting: Bool { false }
  package var mayServe: Bool { true }
  package var recordLimit: Int { .max }

  /// What must be known of a topic of requests before it is written to.
  package struct Target: Sendable, Equatable {
    /// 0 if the brokers do not have it.
    package var partitions: Int32
    /// `max.message.bytes`.
    package var byteLimit: Int

    /// A topic.
    package init(partitions: Int32, byteLimit: Int) {
      self.partitions = partitions
      self.byteLimit = byteLimit
    }

    /// A topic that the brokers do not have.
    package static let missing = Target(partitions: 0, byteLimit: 0)
  }

  /// A processor.
  /// - Parameter targets: every topic of requests; no other is written to.
  package init(_ filter: RedriveFilter, targets: [String: Target], counts: RedriveCounts) {
    self.filter = filter
    self.targets = targets
    self.counts = counts
  }

  package func beginTransaction(_ number: UInt64) -> UInt64 {
    counts.begin()
    return 1
  }

  package func process(_ batch: borrowing RecordBatch, into responses: inout ResponseBatch) {
    var report = RedriveReport()
    for position in batch.records.indices { redrive(position, of: batch, into: &responses, &report) }
    counts.add(report)
  }

  private func redrive(
    _ position: Int, of batch: borrowing RecordBatch, into responses: inout ResponseBatch,
    _ report: inout RedriveReport
  ) {
    let record = batch.records[position]
    report.read += 1
    guard let letter = DeadLetter(record, of: batch) else {
      report.foreign += 1
      return
    }
    switch filter.judge(letter) {
    case .differs: report.different += 1
    case .isLeft: report.left += 1
    case .matches:
      guard let target = targets[letter.topic] else { return report.note(.foreignTopic, of: letter) }
      guard !letter.isTruncated else { return report.note(.truncated, of: letter) }
      guard target.partitions > 0 else { return report.note(.missingTopic, of: letter) }
      guard Self.batchBytes(record, letter, of: batch) <= target.byteLimit else {
        return report.note(.tooLarge, of: letter)
      }
      for header in batch.headers[record.headers.lowerBound..<letter.addedHeaders.lowerBound]
        + batch.headers[letter.addedHeaders.upperBound..<record.headers.upperBound]
      {
        responses.appendHeader(.request(header.name), header.value.map { .request($0) })
      }
      responses.appendRecord(
        request: position, destination: .reply(letter.topic), partition: letter.partition % target.partitions,
        value: record.value.map { .request($0) })
      report.note(redriven: letter)
    }
  }

  /// Bytes of a record batch that holds the request alone, uncompressed: what a broker compares with
  /// `max.message.bytes` (Kafka's message format 2).
  static func batchBytes(
    _ record: RecordBatch.Record, _ letter: DeadLetter, of batch: borrowing RecordBatch
  ) -> Int {
    func field(_ range: Range<Int>?) -> Int { varintBytes(range?.count ?? -1) + (range?.count ?? 0) }
    var headers = 0
    for position in record.headers where !letter.addedHeaders.contains(position) {
      headers += field(batch.headers[position].name) + field(batch.headers[position].value)
    }
    // Attributes and the distances to the batch's time and offset, a byte each.
    let body =
      3 + field(record.key) + field(record.value) + varintBytes(record.headers.count - letter.addedHeaders.count)
      + headers
    return 61 + varintBytes(body) + body
  }

  /// Bytes of a number as a zigzag varint.
  private static func varintBytes(_ number: Int) -> Int {
    var (rest, count) = (UInt64(bitPattern: Int64((number << 1) ^ (number >> 63))) >> 7, 1)
    while rest > 0 {
      rest >>= 7
      count += 1
    }
    return count
  }
}
