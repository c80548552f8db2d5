/// Latencies of records, sorted into the buckets of a histogram: a value that one thread fills and hands on as a whole.
package struct LatencyTally: Sendable, Equatable {
  /// Upper bounds of the buckets in milliseconds; one more bucket holds what is above the last. They reach from the
  /// commit of one transaction to a backlog of an hour.
  package static let boundsMilliseconds: [Int64] = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 1_800_000, 3_600_000,
  ]

  /// Records by bucket, not cumulative.
  package private(set) var counts = [Int64](repeating: 0, count: LatencyTally.boundsMilliseconds.count + 1)
  /// Of all records, in milliseconds.
  package private(set) var sumMilliseconds: Int64 = 0

  /// A tally of nothing.
  package init() {}

  /// Counts one record. What clocks that disagree make negative counts as zero.
  package mutating func add(milliseconds: Int64) {
    let latency = max(0, milliseconds)
    var bucket = 0
    while bucket < Self.boundsMilliseconds.count, latency > Self.boundsMilliseconds[bucket] { bucket += 1 }
    counts[bucket] += 1
    sumMilliseconds += latency
  }

  /// Forgets the records and keeps the memory.
  package mutating func removeAll() {
    for bucket in counts.indices { counts[bucket] = 0 }
    sumMilliseconds = 0
  }
}
