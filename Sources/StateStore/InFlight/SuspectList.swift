import Domain

/// Who is under suspicion: a value without I/O.
///
/// One range a partition: a second crash in the same one widens it, since what is committed was taken out when the
/// partition was assigned, so that little lies between.
struct SuspectList: Equatable {
  var ranges: [SuspectRange] = []
  var accused: [AccusedRecord] = []

  var isEmpty: Bool { ranges.isEmpty && accused.isEmpty }

  /// What is held against a record.
  func suspicion(of identity: AccusedRecord.Identity) -> Suspicion {
    if let record = accused.first(where: { $0.identity == identity }) {
      return record.condemnation.map(Suspicion.condemned) ?? .suspect(deaths: Int(record.deaths))
    }
    let isSuspect = ranges.contains {
      $0.range.partition == identity.partition && $0.range.first <= identity.offset && identity.offset <= $0.range.last
    }
    return isSuspect ? .suspect(deaths: 0) : .none
  }

  // MARK: Acquittal

  /// A record was scored, or answered unscored, and the process lives. Those before it in its partition were so earlier,
  /// or are no longer in the topic.
  mutating func survived(_ identity: AccusedRecord.Identity) {
    removeRanges(of: identity.partition, below: identity.offset + 1)
    // Who is condemned stays so until the answer is committed: an abort must not have it scored again.
    accused.removeAll { $0.identity == identity && $0.condemnation == nil }
  }

  /// Everything of a partition below an offset is answered for good.
  mutating func committed(_ partition: HashedPartition, next: Int64) {
    removeRanges(of: partition, below: next)
    accused.removeAll { $0.identity.partition == partition && $0.identity.offset < next }
  }

  private mutating func removeRanges(of partition: HashedPartition, below next: Int64) {
    for index in ranges.indices where ranges[index].range.partition == partition && ranges[index].range.first < next {
      ranges[index].range.first = next
    }
    ranges.removeAll { $0.range.first > $0.range.last }
  }

  // MARK: Suspicion

  /// Forgets what is too old.
  mutating func expire(now: Int64) {
    let oldest = now - Limits.suspicionMilliseconds
    ranges.removeAll { $0.time < oldest }
    accused.removeAll { $0.time < oldest }
  }

  /// These records were being scored at a crash. The oldest give way if there are too many.
  mutating func suspect(_ range: OffsetRange, now: Int64) {
    var range = range
    if let index = ranges.firstIndex(where: { $0.range.partition == range.partition }) {
      let known = ranges.remove(at: index).range
      range.first = min(range.first, known.first)
      range.last = max(range.last, known.last)
    }
    ranges.append(SuspectRange(range, time: now))
    if ranges.count > Limits.suspectRanges { ranges.removeFirst(ranges.count - Limits.suspectRanges) }
  }

  /// The process has crashed while this record was scored alone. The oldest give way if there are too many.
  mutating func accuse(_ identity: AccusedRecord.Identity, signal: UInt8, now: Int64) {
    var deaths: UInt8 = 1
    if let index = accused.firstIndex(where: { $0.identity == identity }) {
      deaths = min(accused.remove(at: index).deaths, .max - 1) + 1
    }
    accused.append(AccusedRecord(identity, deaths: deaths, signal: signal, time: now))
    if accused.count > Limits.accusedRecords { accused.removeFirst(accused.count - Limits.accusedRecords) }
  }
}
