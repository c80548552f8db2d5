import Domain
import Synchronization

/// A partition in memory.
final class FakeChunks: ChunkSource {
  private let records: Mutex<[TopicRecord]>
  private let failure: Refusal?
  private let failsAfter: Int

  /// - Parameter failsAfter: records that come before the partition breaks, if there is a failure.
  init(_ records: [TopicRecord] = [], failure: Refusal? = nil, failsAfter: Int = 0) {
    self.records = Mutex(records)
    self.failure = failure
    self.failsAfter = failsAfter
  }

  func read(
    topic: String, partition: Int32, offsets: ClosedRange<Int64>, giveUp: GiveUp,
    _ body: (TopicRecord) throws(Refusal) -> Void
  ) throws(Refusal) {
    for (number, record) in records.withLock({ $0 }).enumerated() where offsets.contains(record.offset) {
      if let failure, number >= failsAfter { throw failure }
      try giveUp.check()
      try body(record)
    }
    if let failure { throw failure }
  }
}
