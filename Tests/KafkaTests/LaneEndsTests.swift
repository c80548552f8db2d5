import Testing

@testable import Kafka

@Suite("Ends of a lane")
struct LaneEndsTests {
  private let first = TopicPartition(topic: 0, partition: 0)
  private let second = TopicPartition(topic: 0, partition: 1)

  @Test("A lane without partitions has reached nothing; one that was given none has nothing to read")
  func beginning() {
    var ends = LaneEnds()
    #expect(!ends.areReached)
    ends.take([:])
    #expect(ends.areReached)
  }

  @Test("Every partition must end, by the record behind its end or by the broker's word")
  func reaching() {
    var ends = LaneEnds()
    ends.take([first: 10, second: 5])
    let last = ends.passes(first, offset: 9)
    #expect(!last && !ends.areReached)
    let behind = ends.passes(first, offset: 10)
    #expect(behind && !ends.areReached)
    // Markers of transactions stand at the end of the second: no record says so.
    ends.reach(second)
    #expect(ends.areReached)
    let later = ends.passes(first, offset: 11)
    #expect(later, "what comes later stays behind the end")
  }

  @Test("A lane that goes back reads to the ends again, and those do not move")
  func restart() {
    var ends = LaneEnds()
    ends.take([first: 10])
    ends.reach(first)
    ends.restart()
    #expect(!ends.areReached)
    #expect(ends.end(of: first) == 10)
    let later = ends.passes(first, offset: 12)
    #expect(later && ends.areReached)
  }

  @Test("Partitions that are taken away and come back keep their ends; others are measured anew")
  func rebalance() {
    var ends = LaneEnds()
    ends.take([first: 10])
    ends.reach(first)
    ends.giveUp()
    #expect(!ends.areReached)
    #expect(ends.end(of: first) == 10 && ends.end(of: second) == nil)
    let meanwhile = ends.passes(first, offset: 10)
    #expect(!meanwhile, "nothing is taken over")
    ends.take([second: 3])
    #expect(!ends.areReached)
    ends.reach(second)
    #expect(ends.areReached, "the first is another's now")
  }
}
