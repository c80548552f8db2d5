/// What one lane is scoring, written where it outlives the process, and what earlier ends of the process say of records.
///
/// Contract: one journal a lane, called on the lane's thread only. `begin` and `end` are stores to memory: they neither
/// block nor call the system. The rest may take a lock, and is called seldom, or only while there are suspects.
package protocol InFlightJournal: AnyObject {
  /// The calling thread is the lane's from now on.
  func enter()
  /// The lane has ended.
  func leave()
  /// These records are about to be scored. A batch has records of at most `Limits.partitionsInFlight` partitions.
  func begin(_ batch: borrowing RecordBatch)
  /// They were scored without harm: they are suspects no longer.
  func end(_ batch: borrowing RecordBatch)
  /// Whether any record is under suspicion: the only question that is asked for each record.
  var hasSuspects: Bool { get }
  /// What is held against a record.
  func suspicion(of record: RecordBatch.Record, topic: String) -> Suspicion
  /// Everything of the partition below this offset is answered and committed.
  func committed(topic: String, partition: Int32, next: Int64)
}

/// What is held against a record.
package enum Suspicion: Sendable, Equatable {
  case none
  /// The process has crashed while it was being scored, alone or among others: it is to be scored alone.
  case suspect(deaths: Int)
  /// The process has crashed too often while it was being scored alone: it must not be scored again.
  case condemned(Condemnation)
}
