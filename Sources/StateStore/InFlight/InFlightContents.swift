import Domain

/// What a process has left behind in the file `in-flight`: a value, read word by word without trust.
struct InFlightContents: Equatable {
  /// Whether stages may have run on threads that are no lane's.
  var hasPool: Bool
  var crash: Crash?
  /// Threads of lanes, also of those that were not scoring.
  var laneThreads: Set<Int64> = []
  /// Lanes that were scoring.
  var busy: [BusyLane] = []
  var suspects = SuspectList()
  /// Entries that were cut or make no sense, and are left out.
  var brokenEntries = 0

  /// The process has crashed.
  struct Crash: Equatable {
    var signal: UInt8
    var thread: Int64
  }

  /// A lane that was scoring.
  struct BusyLane: Equatable {
    var thread: Int64
    var ranges: [OffsetRange]
    /// Timestamp of the record, if it was alone.
    var timestamp: Int64

    /// The record that was scored alone.
    var alone: AccusedRecord.Identity? {
      guard ranges.count == 1, ranges[0].first == ranges[0].last else { return nil }
      return .init(partition: ranges[0].partition, offset: ranges[0].first, timestamp: timestamp)
    }
  }

  init(hasPool: Bool) { self.hasPool = hasPool }

  /// Reads a file's words; nil if they are not those of such a file.
  init?(words: [UInt64]) {
    typealias Layout = InFlightLayout
    guard words.count == Layout.words, words[0] == Layout.magic, words[1] == Layout.version, words[2] <= 1,
      words[3] == Layout.seal(of: words[0..<3])
    else { return nil }
    hasPool = words[2] == 1
    if words[Layout.markStart] == 2, let signal = UInt8(exactly: words[Layout.markStart + 1]) {
      crash = Crash(signal: signal, thread: Int64(bitPattern: words[Layout.markStart + 2]))
    }
    for lane in 0..<Limits.lanes {
      let start = Layout.slotStart(lane)
      if words[start + 1] != 0 { laneThreads.insert(Int64(bitPattern: words[start + 1])) }
      guard words[start] == Layout.SlotState.scoring.rawValue else { continue }
      if let lane = Self.busyLane(words[start..<start + Layout.slotWords]) {
        busy.append(lane)
      } else {
        brokenEntries += 1
      }
    }
    for index in 0..<Limits.suspectRanges {
      let start = Layout.suspectStart(index)
      guard words[start + 5] != 0 else { continue }
      if let range = SuspectRange(words: words[start..<start + Layout.suspectWords]) {
        suspects.ranges.append(range)
      } else {
        brokenEntries += 1
      }
    }
    for index in 0..<Limits.accusedRecords {
      let start = Layout.accusedStart(index)
      guard words[start + 7] != 0 else { continue }
      if let record = AccusedRecord(words: words[start..<start + Layout.accusedWords]) {
        suspects.accused.append(record)
      } else {
        brokenEntries += 1
      }
    }
  }

  /// The words of a new file: nobody scores, and these are under suspicion.
  static func words(hasPool: Bool, _ suspects: SuspectList) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: InFlightLayout.words)
    words[0] = InFlightLayout.magic
    words[1] = InFlightLayout.version
    words[2] = hasPool ? 1 : 0
    words[3] = InFlightLayout.seal(of: words[0..<3])
    for (index, range) in suspects.ranges.prefix(Limits.suspectRanges).enumerated() {
      let start = InFlightLayout.suspectStart(index)
      words.replaceSubrange(start..<start + InFlightLayout.suspectWords, with: range.words)
    }
    for (index, record) in suspects.accused.prefix(Limits.accusedRecords).enumerated() {
      let start = InFlightLayout.accusedStart(index)
      words.replaceSubrange(start..<start + InFlightLayout.accusedWords, with: record.words)
    }
    return words
  }

  private static func busyLane(_ words: ArraySlice<UInt64>) -> BusyLane? {
    let start = words.startIndex
    guard let count = Int(exactly: words[start + 2]), count > 0, count <= Limits.partitionsInFlight else { return nil }
    let body = start + InFlightLayout.slotHeaderWords
    let rangeWords = words[body..<body + count * InFlightLayout.rangeWords]
    guard words[start + 4] == InFlightLayout.seal(of: words[(start + 1)..<(start + 4)] + rangeWords) else { return nil }
    var ranges: [OffsetRange] = []
    for index in 0..<count {
      guard let range = OffsetRange(words: rangeWords[(body + index * InFlightLayout.rangeWords)...].prefix(4)) else {
        return nil
      }
      ranges.append(range)
    }
    return BusyLane(
      thread: Int64(bitPattern: words[start + 1]), ranges: ranges, timestamp: Int64(bitPattern: words[start + 3]))
  }
}
