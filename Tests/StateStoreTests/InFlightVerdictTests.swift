import Domain
import Testing

@testable import StateStore

/// What an end of the process says of the records in flight: every combination of who crashed and who was scoring.
struct InFlightVerdictTests {
  enum Thread: CaseIterable { case nobody, lane0, lane1, other }
  enum Work: CaseIterable { case idle, batch, alone }

  struct Case: CustomStringConvertible {
    var crashed: Thread
    var lane0: Work
    var lane1: Work
    var hasPool: Bool
    var description: String { "crash of \(crashed), lanes \(lane0) and \(lane1), pool \(hasPool)" }
  }

  static let cases: [Case] = Thread.allCases.flatMap { crashed in
    Work.allCases.flatMap { lane0 in
      Work.allCases.flatMap { lane1 in
        [false, true].map { Case(crashed: crashed, lane0: lane0, lane1: lane1, hasPool: $0) }
      }
    }
  }

  /// The suspects by lane, and the lane whose record has died: written out, not computed like the verdict.
  static func expected(_ it: Case) -> (suspects: Set<Int>, death: Int?) {
    switch (it.crashed, it.lane0, it.lane1) {
    case (.nobody, _, _): ([], nil)
    case (.lane0, .idle, _): ([], nil)
    case (.lane0, .batch, _): ([0], nil)
    case (.lane0, .alone, _): ([0], 0)
    case (.lane1, _, .idle): ([], nil)
    case (.lane1, _, .batch): ([1], nil)
    case (.lane1, _, .alone): ([1], 1)
    case (.other, .idle, .idle): ([], nil)
    case (.other, .batch, .idle): ([0], nil)
    case (.other, .idle, .batch): ([1], nil)
    case (.other, .alone, .idle): ([0], it.hasPool ? 0 : nil)
    case (.other, .idle, .alone): ([1], it.hasPool ? 1 : nil)
    case (.other, _, _): ([0, 1], nil)
    }
  }

  private static func lane(_ number: Int, _ work: Work) -> InFlightContents.BusyLane? {
    guard work != .idle else { return nil }
    let partition = HashedPartition(topic: 7, number: Int32(number))
    return .init(
      thread: Int64(100 + number), ranges: [OffsetRange(partition, 50, work == .alone ? 50 : 59)], timestamp: 1000)
  }

  @Test("P7: a crash is a record's only if the record was alone and nobody else can have caused it", arguments: cases)
  func table(_ it: Case) {
    var contents = InFlightContents(hasPool: it.hasPool)
    contents.laneThreads = [100, 101]
    switch it.crashed {
    case .nobody: break
    case .lane0: contents.crash = .init(signal: 8, thread: 100)
    case .lane1: contents.crash = .init(signal: 8, thread: 101)
    case .other: contents.crash = .init(signal: 8, thread: 777)
    }
    contents.busy = [Self.lane(0, it.lane0), Self.lane(1, it.lane1)].compactMap(\.self)
    let verdict = CrashVerdict(contents)
    let expected = Self.expected(it)
    #expect(Set(verdict.suspects.map { Int($0.partition.number) }) == expected.suspects)
    #expect(verdict.death?.partition.number == expected.death.map(Int32.init))

    // What the verdict does to the list: nothing more, nothing less.
    let list = contents.suspects(after: verdict, now: 5000)
    #expect(Set(list.ranges.map { Int($0.range.partition.number) }) == expected.suspects)
    #expect(list.accused.map(\.deaths) == (expected.death == nil ? [] : [1]))
  }

  @Test("P7: the third death condemns, and ends of other kinds in between count nothing") func threeDeaths() throws {
    let identity = AccusedRecord.Identity(partition: .init(topic: 7, number: 0), offset: 50, timestamp: 1000)
    var list = SuspectList()
    for death in 1...5 {
      var contents = InFlightContents(hasPool: false)
      contents.suspects = list
      contents.laneThreads = [100]
      contents.busy = [try #require(Self.lane(0, .alone))]
      // A kill.
      list = contents.suspects(after: CrashVerdict(contents), now: 5000)
      #expect(list == contents.suspects)
      contents.crash = .init(signal: 11, thread: 100)
      list = contents.suspects(after: CrashVerdict(contents), now: 5000)
      let expected: Suspicion =
        death < 3 ? .suspect(deaths: death) : .condemned(Condemnation(deaths: UInt8(death), signal: 11))
      #expect(list.suspicion(of: identity) == expected)
    }
    // Another record that has come to the same place, in a topic that was made anew.
    var other = identity
    other.timestamp = 1001
    #expect(list.suspicion(of: other) == .suspect(deaths: 0))
  }
}
