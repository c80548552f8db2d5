import Domain

/// A record of the dead-letter topic taken apart: where the request came from and why it failed, and which of the
/// headers are its own.
///
/// The request may carry headers of the same names, so that only what stands behind the last
/// `__connect.errors.topic` says anything, and only in the order in which it was written.
package struct DeadLetter: Sendable, Equatable {
  /// The topic that the request came from, as the letter says; whether that may be written to is not its to decide.
  package var topic: String
  /// The partition that it came from.
  package var partition: Int32
  /// Why it was not answered. A newer worker may have reasons that this build does not know.
  package var reason: String
  /// The version that failed; nil if no release has seen the request.
  package var modelVersion: String?
  /// Milliseconds since 1970.
  package var failedAt: Int64
  /// Whether something of the request was left out.
  package var isTruncated: Bool
  /// Ours, by position in the batch's headers; what stands in front of them is the request's, what stands behind was
  /// added by whoever copied the letter.
  package var addedHeaders: Range<Int>

  /// The letter in a record; nil if it is none of ours.
  package init?(_ record: RecordBatch.Record, of batch: borrowing RecordBatch) {
    guard let first = Self.lastTopic(record, of: batch) else { return nil }
    var position = first
    func take(_ name: StaticString, of batch: borrowing RecordBatch) -> String? {
      guard position < record.headers.upperBound, batch.isNamed(batch.headers[position], name),
        let range = batch.headers[position].value, let text = batch.text(range)
      else { return nil }
      position += 1
      return text
    }
    guard let topic = take(DeadLetterHeader.topic, of: batch),
      let partition = take(DeadLetterHeader.partition, of: batch).flatMap(Int32.init), partition >= 0,
      let offset = take(DeadLetterHeader.offset, of: batch).flatMap(Int64.init), offset >= 0
    else { return nil }
    for name in [DeadLetterHeader.stage, DeadLetterHeader.exceptionClass, DeadLetterHeader.exceptionMessage] {
      guard take(name, of: batch) != nil else { return nil }
    }
    guard let reason = take(DeadLetterHeader.reason, of: batch) else { return nil }
    modelVersion = take(DeadLetterHeader.modelVersion, of: batch)
    guard let failedAt = take(DeadLetterHeader.failedAt, of: batch).flatMap(Timestamp.milliseconds) else { return nil }
    isTruncated = take(DeadLetterHeader.truncated, of: batch) != nil
    self.topic = topic
    self.partition = partition
    self.reason = reason
    self.failedAt = failedAt
    addedHeaders = first..<position
  }

  private static func lastTopic(_ record: RecordBatch.Record, of batch: borrowing RecordBatch) -> Int? {
    for position in record.headers.reversed() where batch.isNamed(batch.headers[position], DeadLetterHeader.topic) {
      return position
    }
    return nil
  }
}
