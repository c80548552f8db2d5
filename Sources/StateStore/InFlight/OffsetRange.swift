/// A partition of a topic, by the hash of the topic's name.
struct HashedPartition: Hashable {
  var topic: UInt64
  var number: Int32
}

/// Records of a partition, first and last offset included.
struct OffsetRange: Equatable {
  var partition: HashedPartition
  var first: Int64
  var last: Int64

  init(_ partition: HashedPartition, _ first: Int64, _ last: Int64) {
    self.partition = partition
    self.first = first
    self.last = last
  }

  /// Reads topic, partition, first and last offset; nil if they make no sense.
  init?(words: ArraySlice<UInt64>) {
    let start = words.startIndex
    guard words.count >= 4, let number = Int32(exactly: words[start + 1]), number >= 0,
      let first = Int64(exactly: words[start + 2]), let last = Int64(exactly: words[start + 3]), first <= last
    else { return nil }
    self.init(HashedPartition(topic: words[start], number: number), first, last)
  }

  var words: [UInt64] {
    [partition.topic, UInt64(bitPattern: Int64(partition.number)), UInt64(bitPattern: first), UInt64(bitPattern: last)]
  }
}
