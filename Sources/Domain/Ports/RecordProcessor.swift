/// The data path as a lane sees it.
///
/// Contract: one processor a lane, called on the lane's thread only, but for `isSwitchWaiting`. A lane calls `beginTransaction` before the first
/// `process` of each transaction: the routing taken there holds until the next one.
package protocol RecordProcessor: AnyObject {
  /// Takes the newest routing for the transaction that begins.
  /// - Returns: the serial number of the routing snapshot.
  func beginTransaction() -> UInt64

  /// Whether newer routing waits, so that the lane should commit and begin anew.
  var isSwitchWaiting: Bool { get }

  /// Answers every record of the batch: afterwards `responses` holds exactly one response a record, in order, and a dead letter
  /// behind each response of status error.
  func process(_ batch: borrowing RecordBatch, into responses: inout ResponseBatch)
}

/// What the data path must know of destinations before it writes to them.
///
/// Contract: called on a lane's thread; may block for one metadata request, and remembers the answer.
package protocol Destinations: AnyObject {
  /// Partitions of a reply topic; nil if there is no such topic, it cannot be written to, or it made a transaction abort lately.
  func partitionCount(ofReplyTopic topic: String) -> Int32?
  /// Partitions of the responses topic.
  var responsePartitionCount: Int32 { get }
  /// Partitions of the dead-letter topic.
  var deadLetterPartitionCount: Int32 { get }
}
