import Domain
import Testing

@testable import understudy

/// A checker that finds nothing proves nothing: every kind of damage is planted once.
@Suite("Checker of the chaos driver")
struct ChaosCheckerTests {
  /// A run of 40 requests in two partitions, answered in transactions of five by two releases in turn, with an aborted
  /// transaction in between.
  private struct Story {
    static let seed: UInt64 = 5
    var requests: [ResponseChecker.Request] = []
    var acknowledged: [SteadyLoad.Sent] = []
    var records: [TopicRecord] = []
    var again: [TopicRecord] = []
    var raw: [TopicRecord] = []
    var letters: [ChaosChecker.Letter] = []
    var undecided: [String] = []

    init() {
      var ends: [Int32: Int64] = [:]
      func next(_ partition: Int32) -> Int64 {
        defer { ends[partition, default: 0] += 1 }
        return ends[partition, default: 0]
      }
      for number in 0..<40 {
        let (partition, offset) = (Int32(number % 2), Int64(number / 2))
        requests.append(.init(number: number, partition: partition, offset: offset))
        acknowledged.append(.init(number: number, partition: partition, offset: offset))
        let batch = number / 5
        let record = Self.answer(number, batch: batch, offset: next(partition))
        // What was aborted is in the topic and comes again under another name.
        if batch == 3 { raw.append(Self.answer(number, batch: 100, offset: next(partition))) }
        records.append(record)
        raw.append(record)
        if ChaosRequest(number, seed: Self.seed).reason != nil { letters.append(.init(number: number, isWhole: true)) }
      }
      again = records
    }

    static func answer(_ number: Int, batch: Int, offset: Int64, version: String? = nil) -> TopicRecord {
      let request = ChaosRequest(number, seed: seed)
      let release = batch % 2
      var text: String
      switch request.kind {
      case .number(let x):
        let version = version ?? ChaosRelease.version(release)
        let y = x * (ChaosRelease.factor(of: ChaosRelease.version(release)) ?? 0)
        text = #"{"status":"ok","version":"\#(version)","generation":\#(batch + 1),"outputs":{"y":\#(y)}}"#
      default: text = #"{"status":"error","error":{"reason":"\#(request.reason?.rawValue ?? "")"}}"#
      }
      return TopicRecord(
        partition: Int32(number % 2), offset: offset, timestamp: 1000, key: request.key, value: Array(text.utf8),
        headers: [RecordHeader("x-transaction", Array("worker-0.0.\(batch).\(release)".utf8))])
    }

    func findings(isExactlyOnce: Bool = true) -> ChaosFindings {
      var checker = ChaosChecker()
      checker.isExactlyOnce = isExactlyOnce
      checker.requests = requests
      checker.acknowledged = acknowledged
      checker.answers = ChaosAnswers(seed: Self.seed)
      for record in records { checker.answers.take(record) }
      for record in again {
        checker.again[.init(partition: record.partition, offset: record.offset)] = ChaosAnswers.digest(record)
      }
      for record in raw {
        checker.raw[.init(partition: record.partition, offset: record.offset)] = ChaosAnswers.transaction(record)
      }
      checker.letters = letters
      checker.isLetterDue = { ChaosRequest($0, seed: Self.seed).reason != nil }
      checker.undecided = undecided
      return checker.check()
    }
  }

  /// The number of a request of a kind.
  private static func number(good: Bool) -> Int {
    (20..<40).first { (ChaosRequest($0, seed: Story.seed).reason == nil) == good } ?? 0
  }

  @Test("P1: a run in which nothing went wrong has no findings, and its aborted transaction is counted")
  func clean() {
    let findings = Story().findings()
    #expect(findings.isGood, "\(findings)")
    #expect(findings.aborted == 1 && findings.transactions == 9)
  }

  @Test("P1: an answer that is missing, repeated, late or about nothing is found")
  func answers() {
    var story = Story()
    let lost = story.records.remove(at: 12)
    story.again.remove(at: 12)
    story.raw.removeAll { $0 == lost }
    #expect(story.findings().answers.lost == [12])

    story = Story()
    var copy = story.records[12]
    copy.offset = 100
    for path in [\Story.records, \Story.again, \Story.raw] { story[keyPath: path].append(copy) }
    #expect(story.findings().answers.doubled == [12])
    #expect(story.findings(isExactlyOnce: false).isGood)

    story = Story()
    story.records.swapAt(12, 14)
    #expect(story.findings().answers.reordered == [12])
    #expect(!story.findings(isExactlyOnce: false).isGood)

    story = Story()
    story.requests.remove(at: 12)
    #expect(story.findings().answers.unknown == [12])
    #expect(story.findings().vanished == [12])
  }

  @Test("P2: an answer that the release which it names does not make is found, and so is one in another partition")
  func wrong() {
    let number = Self.number(good: true)
    for version in [ChaosRelease.version(number / 5 + 1), "3.crashes"] {
      var story = Story()
      let record = Story.answer(
        number, batch: number / 5, offset: story.records[number].offset, version: version)
      story.records[number] = record
      #expect(story.findings().answers.wrong == [number], "\(version)")
      #expect(!story.findings().readersDisagree.isEmpty)
    }
    var story = Story()
    story.records[number].partition = 1 - story.records[number].partition
    #expect(story.findings().answers.wrong == [number])
  }

  @Test("P2: a transaction with two snapshots or two releases, and one of which only a part is seen, are found")
  func transactions() {
    let good = Self.number(good: true)
    var story = Story()
    let other = [RecordHeader("x-transaction", Array("worker-0.0.\(good / 5).77".utf8))]
    story.records[good].headers = other
    #expect(story.findings().mixed == ["worker-0.0.\(good / 5).77"] || story.findings().mixed.count == 1)

    story = Story()
    story.records[good] = Story.answer(
      good, batch: good / 5 + 2, offset: story.records[good].offset)
    story.records[good].headers = [
      RecordHeader("x-transaction", Array("worker-0.0.\(good / 5).\(good / 5 % 2)".utf8))
    ]
    #expect(story.findings().mixed.count == 1)

    story = Story()
    let hidden = story.records.remove(at: 12)
    story.again.removeAll { $0 == hidden }
    #expect(story.findings().torn == ["worker-0.0.2.0"])

    story = Story()
    story.records[good].headers = []
    #expect(story.findings().withoutTransaction == 1)
  }

  @Test("P7: a dead letter that is missing, repeated, changed or about a good request is found")
  func letters() throws {
    let first = try #require(Story().letters.first?.number)
    var story = Story()
    story.letters.removeFirst()
    #expect(story.findings().letters == [first])
    story = Story()
    story.letters.append(.init(number: first, isWhole: true))
    #expect(story.findings().letters == [first])
    #expect(story.findings(isExactlyOnce: false).isGood)
    story = Story()
    story.letters[0].isWhole = false
    #expect(story.findings().letters == [first])
    story = Story()
    story.letters.append(.init(number: Self.number(good: true), isWhole: true))
    #expect(story.findings().letters == [Self.number(good: true)])
  }

  @Test(
    "P1: a request that was acknowledged and is gone, readers that disagree, and a transaction that hangs are found")
  func readers() {
    var story = Story()
    story.acknowledged[3].offset += 1000
    #expect(story.findings().vanished == [3])
    story = Story()
    story.again.removeLast()
    #expect(story.findings().readersDisagree.count == 1)
    story = Story()
    story.again[7].value = Array("{}".utf8)
    #expect(story.findings().readersDisagree.count == 1)
    story = Story()
    story.undecided = ["responses-1"]
    #expect(!story.findings().isGood)
  }
}
