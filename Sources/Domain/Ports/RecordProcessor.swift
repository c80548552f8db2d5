/// The data path as a lane sees it.
///
/// Contract: one processor a lane, called on the lane's thread only, but for `isSwitchWaiting`. A lane calls
/// `beginTransaction` before the first `process` of each transaction: the routing taken there holds until the next one.
package protocol RecordProcessor: AnyObject {
  /// Takes the newest routing for the transaction that begins.
  /// - Parameter number: the lane's own number of the transaction, for the trace header.
  /// - Returns: the serial number of the routing snapshot.
  func beginTransaction(_ number: UInt64) -> UInt64

  /// Whether newer routing waits, so that the lane should commit and begin anew.
  var isSwitchWaiting: Bool { get }

  /// Whether the routing taken may answer. If not, the lane leaves the records where they are, until newer routing may.
  var mayServe: Bool { get }

  /// Records that the next batch should have at most, by the time that those so far have taken.
  var recordLimit: Int { get }

  /// Makes of a batch what is to be produced, in order. A data path answers every record: afterwards `responses` holds
  /// exactly one response a record, and a dead letter behind each response of status error.
  func process(_ batch: borrowing RecordBatch, into responses: inout ResponseBatch)
}

/// What the data path must know of destinations before it writes to them.
///
/// Contract: called on a lane's thread; may block for one metadata request, and remembers the answer.
package protocol Destinations: AnyObject {
  /// Partitions of a reply topic; nil if there is no such topic, it cannot be written to, or it made a transaction
  /// abort lately.
  func partitionCount(ofReplyTopic topic: String) -> Int32?
  /// Bytes that a response on this destination may have.
  func byteLimit(of destination: ResponseBatch.Destination) -> Int
  /// Partitions of the responses topic.
  var responsePartitionCount: Int32 { get }
  /// Partitions of the dead-letter topic.
  var deadLetterPartitionCount: Int32 { get }
}

/// Who wants to know how far the lanes are.
///
/// Contract: called on a lane's thread; must return at once.
package protocol LaneObserver: AnyObject, Sendable {
  /// A lane has taken routing snapshot `serial`: everything from `positions` on (next offset by `<topic>-<partition>`)
  /// is answered by it.
  func lane(_ number: Int, tookSnapshot serial: UInt64, positions: [String: Int64])
  /// A lane's partitions and how many records wait in each.
  func lane(_ number: Int, lag: [String: Int64])
  /// Whether a lane is a member of the group.
  func lane(_ number: Int, isMember: Bool)
  /// A lane has committed a transaction.
  func lane(_ number: Int, committed figures: TransactionFigures)
  /// A lane has had something to do and has got nowhere for so long that its clients are made anew.
  func lane(_ number: Int, rebuiltAfter idle: Duration)
  /// A lane that ends by itself has taken partitions over, by `<topic>-<partition>`.
  func lane(_ number: Int, reads stretches: [String: LaneStretch])
}

extension LaneObserver {
  package func lane(_ number: Int, isMember: Bool) {}
  package func lane(_ number: Int, committed figures: TransactionFigures) {}
  package func lane(_ number: Int, rebuiltAfter idle: Duration) {}
  package func lane(_ number: Int, reads stretches: [String: LaneStretch]) {}
}

/// What a lane that ends by itself has to read of a partition.
package struct LaneStretch: Sendable, Equatable {
  /// The offset that it begins with.
  package var next: Int64
  /// The offset that it stops in front of; the last ones may be markers of transactions, which nobody is given.
  package var end: Int64
  /// Offsets in front of `next` that were deleted before they were read.
  package var deleted: Int64

  /// A stretch.
  package init(next: Int64, end: Int64, deleted: Int64 = 0) {
    self.next = next
    self.end = end
    self.deleted = deleted
  }
}

/// Which partitions this worker's state has served, so that a broker that forgot their offsets is noticed.
///
/// Contract: called on a lane's thread, once for each partition that is assigned or first committed.
package protocol OffsetMemory: AnyObject, Sendable {
  /// Whether an offset of this partition was ever committed by this state.
  func hasServed(topic: String, partition: Int32) -> Bool
  /// Whether an offset of any partition of this topic was.
  func hasServed(topic: String) -> Bool
  /// Remembers that an offset of this partition was.
  func markServed(topic: String, partition: Int32)
}
