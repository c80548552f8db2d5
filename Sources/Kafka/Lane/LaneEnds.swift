/// How far a lane that ends by itself reads its partitions, and which of them it has read so far: a value without I/O.
///
/// The end of a partition is that of the moment in which the lane first took it over: what comes later is left alone,
/// or a lane that causes new records by its own would never end.
struct LaneEnds: Sendable, Equatable {
  private var ends: [TopicPartition: Int64] = [:]
  private var taken: Set<TopicPartition>?
  private var unread: Set<TopicPartition> = []

  /// Whether partitions were taken over and all of them are read; a lane may be given none.
  var areReached: Bool { taken != nil && unread.isEmpty }

  /// The end of a partition that was taken over before.
  func end(of partition: TopicPartition) -> Int64? { ends[partition] }

  /// Takes partitions over, in place of those so far, with their ends.
  mutating func take(_ partitions: [TopicPartition: Int64]) {
    ends.merge(partitions) { $1 }
    taken = Set(partitions.keys)
    restart()
  }

  /// Whether an offset is behind the end of its partition, so that its record is not the lane's to read.
  mutating func passes(_ partition: TopicPartition, offset: Int64) -> Bool {
    guard taken != nil, let end = ends[partition], offset >= end else { return false }
    reach(partition)
    return true
  }

  /// Everything in a partition has been read.
  mutating func reach(_ partition: TopicPartition) { unread.remove(partition) }

  /// The lane goes back in its partitions, and reads to their ends again.
  mutating func restart() { unread = taken ?? [] }

  /// The partitions are given up; their ends hold when they come back.
  mutating func giveUp() {
    taken = nil
    unread = []
  }
}
