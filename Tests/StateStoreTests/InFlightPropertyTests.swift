import Domain
import TestSupport
import Testing

@testable import StateStore

/// Files of random content, and random damage to good ones.
struct InFlightPropertyTests {
  static func randomList(_ generator: inout SeededGenerator) -> SuspectList {
    var list = SuspectList()
    for number in 0..<Int32.random(in: 0...40, using: &generator) {
      let first = Int64.random(in: 0...(.max / 2), using: &generator)
      let partition = HashedPartition(topic: .random(in: 0...3, using: &generator), number: number)
      list.suspect(
        OffsetRange(partition, first, first + .random(in: 0...1000, using: &generator)),
        now: .random(in: 0...9, using: &generator))
      let identity = AccusedRecord.Identity(partition: partition, offset: first, timestamp: -1)
      for _ in 0..<Int.random(in: 0...4, using: &generator) { list.accuse(identity, signal: 11, now: 5) }
    }
    return list
  }

  @Test("P7: what is written is read again, and damage takes entries away but never accuses anybody")
  func damage() throws {
    let seed = UInt64.random(in: 0 ... .max)
    print("in-flight seed: \(seed)")
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<60 {
      let list = Self.randomList(&generator)
      var words = InFlightContents.words(hasPool: .random(using: &generator), list)
      #expect(InFlightContents(words: words)?.suspects == list)
      #expect(InFlightContents(words: words)?.brokenEntries == 0)
      // Mostly where something stands: an entry's words, the mark, a lane's place.
      for _ in 0..<Int.random(in: 1...30, using: &generator) {
        let starts = [0, InFlightLayout.headerWords, InFlightLayout.suspectsStart, InFlightLayout.accusedStart]
        let start = starts.randomElement(using: &generator) ?? 0
        let index = min(start + .random(in: 0..<320, using: &generator), words.count - 1)
        words[index] = .random(using: &generator) ? generator.next() : .random(in: 0...3, using: &generator)
      }
      guard let contents = InFlightContents(words: words) else { continue }
      #expect(contents.busy == [])
      for range in contents.suspects.ranges { #expect(list.ranges.contains(range)) }
      for record in contents.suspects.accused { #expect(list.accused.contains(record)) }
      let after = contents.suspects(after: CrashVerdict(contents), now: 5)
      #expect(after == contents.suspects)
      _ = InFlightFindings(contents, CrashVerdict(contents), after)
    }
  }
}
