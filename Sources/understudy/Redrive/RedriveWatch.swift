import Domain
import Serving
import Synchronization

/// What a redrive's lane tells while it runs, for whoever looks on: how far it is, and when it last gave a sign.
final class RedriveWatch: LaneObserver, Sendable {
  let counts = RedriveCounts()
  private let state = Mutex(State())

  private struct State {
    var stretches: [String: LaneStretch] = [:]
    var hasPartitions = false
    var lastSign = ContinuousClock.now
    var isOver = false
  }

  /// Whether the group has given the lane its partitions.
  var hasPartitions: Bool { state.withLock(\.hasPartitions) }

  /// Offsets that there were to read when it began; a few of them are markers of transactions.
  var size: Int64 { state.withLock { $0.stretches.values.reduce(0) { $0 + max(0, $1.end - $1.next) } } }

  /// Offsets whose letters were deleted before they were read.
  var deleted: Int64 { state.withLock { $0.stretches.values.reduce(0) { $0 + $1.deleted } } }

  /// Since when nothing was heard of the brokers.
  var silence: Duration { state.withLock { $0.lastSign.duration(to: .now) } }

  /// Whether the lane has ended.
  var isOver: Bool { state.withLock(\.isOver) }

  /// The lane has ended.
  func end() { state.withLock { $0.isOver = true } }

  func lane(_ number: Int, tookSnapshot serial: UInt64, positions: [String: Int64]) {}

  func lane(_ number: Int, lag: [String: Int64]) {}

  func lane(_ number: Int, reads stretches: [String: LaneStretch]) {
    state.withLock { state in
      // Of partitions that come again the first time counts: what was read since is in the counts.
      state.stretches.merge(stretches) { first, _ in first }
      state.hasPartitions = true
      state.lastSign = .now
    }
  }

  func lane(_ number: Int, committed figures: TransactionFigures) {
    counts.commit()
    state.withLock { $0.lastSign = .now }
  }
}

/// A redrive's group belongs to no state: whatever the broker knows of it holds.
final class NoOffsetMemory: OffsetMemory, Sendable {
  func hasServed(topic: String, partition: Int32) -> Bool { false }
  func hasServed(topic: String) -> Bool { false }
  func markServed(topic: String, partition: Int32) {}
}
