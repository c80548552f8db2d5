import Domain

/// A partition of a topic, by the topic's position in the lane's list.
struct TopicPartition: Hashable, Sendable {
  var topic: Int
  var partition: Int32
}

/// How far a lane is in each of its partitions: a value without I/O.
///
/// `committed` is what the broker knows, `next` the record after the last one answered. Only offsets tracked here are
/// ever committed: the client's own idea of a position may be ahead of what was answered.
struct LanePositions: Sendable, Equatable {
  private(set) var partitions: [TopicPartition: Progress] = [:]

  struct Progress: Sendable, Equatable {
    var committed: Int64
    var next: Int64
    /// Whether this assignment has committed for the partition yet.
    var hasCommitted = false
  }

  /// Takes over a partition at the offset that the broker knows.
  mutating func assign(_ partition: TopicPartition, at offset: Int64) {
    partitions[partition] = Progress(committed: offset, next: offset)
  }

  /// Gives all partitions up.
  mutating func removeAll() {
    partitions.removeAll()
  }

  /// The offset from which on records of a partition are the lane's to answer; nil if it is not assigned.
  func next(_ partition: TopicPartition) -> Int64? { partitions[partition]?.next }

  /// Counts a record as answered.
  mutating func advance(_ partition: TopicPartition, past offset: Int64) {
    partitions[partition]?.next = offset + 1
  }

  /// Counts the records of a batch as answered. Those of one partition mostly come together.
  mutating func advance(past batch: borrowing RecordBatch) {
    let records = batch.records
    for index in records.indices {
      let record = records[index]
      if index + 1 < records.count, records[index + 1].topic == record.topic,
        records[index + 1].partition == record.partition
      {
        continue
      }
      advance(TopicPartition(topic: record.topic, partition: record.partition), past: record.offset)
    }
  }

  /// What is to be committed: partitions that have moved, with the offset to begin with next.
  var uncommitted: [Offset] {
    partitions.filter { $1.next > $1.committed }.map { Offset(partition: $0, next: $1.next) }
  }

  /// The record of a partition to begin with.
  struct Offset: Sendable, Equatable {
    var partition: TopicPartition
    var next: Int64
  }

  /// The broker has these offsets. What it says of a partition that is given up meanwhile, or has gone back behind the
  /// offset, counts for nothing.
  /// - Returns: those that are the first of their partition in this assignment.
  mutating func markCommitted(_ offsets: [Offset]) -> [TopicPartition] {
    var first: [TopicPartition] = []
    for offset in offsets {
      guard let progress = partitions[offset.partition], offset.next > progress.committed, offset.next <= progress.next
      else { continue }
      if !progress.hasCommitted { first.append(offset.partition) }
      partitions[offset.partition] = Progress(committed: offset.next, next: progress.next, hasCommitted: true)
    }
    return first
  }

  /// The transaction is aborted: everything since the last commit is to be answered again.
  /// - Returns: where to seek.
  mutating func rewind() -> [(partition: TopicPartition, offset: Int64)] {
    for (partition, progress) in partitions { partitions[partition]?.next = progress.committed }
    return partitions.map { ($0, $1.committed) }
  }
}
