import Domain
import Testing

@testable import StateStore

/// Who is under suspicion, and for how long.
struct SuspectListTests {
  let partition = HashedPartition(topic: 1, number: 2)

  func identity(_ offset: Int64, in partition: HashedPartition? = nil) -> AccusedRecord.Identity {
    .init(partition: partition ?? self.partition, offset: offset, timestamp: 10)
  }

  @Test("P7: a suspect that was scored, or whose answer is committed, is none any more") func acquittal() {
    var list = SuspectList()
    list.suspect(OffsetRange(partition, 10, 19), now: 0)
    #expect(list.suspicion(of: identity(9)) == .none)
    #expect(list.suspicion(of: identity(10)) == .suspect(deaths: 0))
    #expect(list.suspicion(of: identity(19)) == .suspect(deaths: 0))
    #expect(list.suspicion(of: identity(20)) == .none)
    #expect(list.suspicion(of: identity(10, in: .init(topic: 1, number: 3))) == .none)
    #expect(list.suspicion(of: identity(10, in: .init(topic: 2, number: 2))) == .none)
    list.survived(identity(12))
    #expect(list.suspicion(of: identity(12)) == .none)
    #expect(list.suspicion(of: identity(13)) == .suspect(deaths: 0))
    list.committed(partition, next: 19)
    #expect(list.suspicion(of: identity(18)) == .none)
    #expect(list.suspicion(of: identity(19)) == .suspect(deaths: 0))
    // The last one has gone from the topic: the next one that comes says so.
    list.survived(identity(25))
    #expect(list.isEmpty)
  }

  @Test("P7: an accused that was scored is free; a condemned one stays so until its answer is committed")
  func condemned() {
    var list = SuspectList()
    list.accuse(identity(5), signal: 8, now: 0)
    list.survived(identity(5))
    #expect(list.isEmpty)
    for _ in 0..<Limits.deathsPerRecord { list.accuse(identity(5), signal: 8, now: 0) }
    list.survived(identity(5))
    #expect(list.suspicion(of: identity(5)) == .condemned(Condemnation(deaths: 3, signal: 8)))
    list.committed(partition, next: 5)
    #expect(!list.isEmpty)
    list.committed(partition, next: 6)
    #expect(list.isEmpty)
  }

  @Test("P8: suspicions are bounded in number and age, and a record's deaths in what they are counted with")
  func bounds() {
    var list = SuspectList()
    for number in 0..<Limits.suspectRanges + 3 {
      list.suspect(OffsetRange(.init(topic: 1, number: Int32(number)), 0, 9), now: 1)
    }
    #expect(list.ranges.count == Limits.suspectRanges)
    #expect(list.suspicion(of: identity(0, in: .init(topic: 1, number: 2))) == .none)
    #expect(list.suspicion(of: identity(0, in: .init(topic: 1, number: 3))) == .suspect(deaths: 0))
    for offset in 0..<Int64(Limits.accusedRecords) + 1 { list.accuse(identity(offset), signal: 8, now: 1) }
    #expect(list.accused.count == Limits.accusedRecords && list.accused[0].identity.offset == 1)
    list.expire(now: Limits.suspicionMilliseconds + 1)
    #expect(!list.isEmpty)
    list.expire(now: Limits.suspicionMilliseconds + 2)
    #expect(list.isEmpty)
    for _ in 0..<300 { list.accuse(identity(0), signal: 8, now: 1) }
    #expect(list.accused.map(\.deaths) == [255])
  }

  @Test("P7: a second crash widens the suspicion of a partition") func widening() {
    var list = SuspectList()
    list.suspect(OffsetRange(partition, 10, 19), now: 1)
    list.suspect(OffsetRange(partition, 15, 30), now: 2)
    #expect(list.ranges == [SuspectRange(OffsetRange(partition, 10, 30), time: 2)])
  }
}
