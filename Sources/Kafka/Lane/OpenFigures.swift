import Domain

/// What is measured in the open transaction: a few stores for each record, everything else at the commit.
struct OpenFigures {
  /// Timestamps of the records in milliseconds since 1970; those without one are left out.
  private var timestamps: [Int64] = []
  /// Records by position of their topic.
  private var records: [Int64] = []
  private var produceNanoseconds: Int64 = 0

  /// Forgets the transaction and keeps the memory.
  mutating func removeAll() {
    timestamps.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
    produceNanoseconds = 0
  }

  mutating func note(_ batch: borrowing RecordBatch) {
    while records.count < batch.topics.count { records.append(0) }
    for record in batch.records {
      records[record.topic] += 1
      if record.timestamp > 0 { timestamps.append(record.timestamp) }
    }
  }

  mutating func noteProduced(since start: ContinuousClock.Instant) {
    produceNanoseconds += start.duration(to: .now).nanoseconds
  }

  /// The figures of the transaction, whose commit has just returned: that is when the answers can be seen.
  func finished(since start: ContinuousClock.Instant, topics: [String]) -> TransactionFigures {
    var figures = TransactionFigures()
    let now = WallClock.milliseconds
    for timestamp in timestamps {
      figures.latencies.add(milliseconds: now - timestamp)
      if timestamp > figures.newestTimestamp { figures.newestTimestamp = timestamp }
    }
    for (topic, count) in records.enumerated() where count > 0 { figures.records[topics[topic]] = count }
    figures.produceNanoseconds = produceNanoseconds
    figures.commitNanoseconds = start.duration(to: .now).nanoseconds
    return figures
  }
}
