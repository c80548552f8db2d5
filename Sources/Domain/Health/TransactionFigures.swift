/// What a lane has measured in one transaction, told once when it is committed.
package struct TransactionFigures: Sendable, Equatable {
  /// Records answered, by topic.
  package var records: [String: Int64] = [:]
  /// From each record's timestamp to the commit of its answer; records without a timestamp are left out.
  package var latencies = LatencyTally()
  /// Milliseconds since 1970 of the newest record; 0 if none has a timestamp.
  package var newestTimestamp: Int64 = 0
  /// What handing the answers to the client took.
  package var produceNanoseconds: Int64 = 0
  /// What the commit took.
  package var commitNanoseconds: Int64 = 0

  /// Figures of a transaction that has just begun.
  package init() {}
}
