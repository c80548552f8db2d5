import Domain
import Serving
import Testing

/// Letters that go back: which, whereto, and that nothing of them is changed.
@Suite("Redriving letters")
struct RedriveTests {
  // MARK: Byte for byte

  /// Headers of requests that make it hard to tell them from a worker's.
  static let hostile: [[RecordHeader]] = [
    [], [RecordHeader("", []), RecordHeader("", nil)],
    [RecordHeader("a", [0, 0xff]), RecordHeader("a", nil), RecordHeader("a", []), RecordHeader("a", [0, 0xff])],
    [RecordHeader("x-model-version", "9"), RecordHeader("x-failed-at", "never"), RecordHeader("x-error-reason", nil)],
    [RecordHeader("__connect.errors.topic", "control")],
    RedriveBench.added(topic: "control", partition: "0", reason: "deadline", version: "3"),
    RedriveBench.added(topic: "control", truncated: "envelope") + RedriveBench.added(topic: "events"),
    [RecordHeader("__connect.errors.topic", nil), RecordHeader("x-truncated", "value")],
    (0..<300).map { RecordHeader("h-\($0)", "\($0)") },
  ]

  @Test(
    "P7: a letter that a worker has written goes back with the bytes and headers of its request", arguments: hostile)
  func roundTrip(_ headers: [RecordHeader]) throws {
    for (key, value) in [(nil, nil), ([], []), ([0xff, 0], [0xff, 0x7b]), (nil, [0x7b])] as [([UInt8]?, [UInt8]?)] {
      var request = Bench.Request(nil, key: nil, headers, partition: 5)
      (request.key, request.value) = (key, value)
      let answers = Bench([try SampleRelease.load("1")]).send([request])
      let letter = try #require(answers.first { $0.destination == .deadLetters })
      let (sent, report) = RedriveBench().run([
        TopicRecord(key: letter.keepsKey ? key : nil, value: letter.value, headers: letter.headers)
      ])
      let original = TopicRecord(key: key, value: value, headers: headers)
      #expect(sent == [.init(topic: "requests", partition: 5, record: original)])
      #expect(report.redrivenInAll == 1 && report.skippedInAll == 0)
    }
  }

  @Test("P7: what a mirror has added behind a letter's headers stays, in its place")
  func mirrored() {
    let own = [RecordHeader("mine", "1")]
    let late = [RecordHeader("mirror", "m"), RecordHeader("x-failed-at", "2026-11-20T10:00:00Z")]
    let (sent, _) = RedriveBench().run([TopicRecord(headers: own + RedriveBench.added() + late)])
    #expect(sent.map(\.record.headers) == [own + late])
  }

  @Test("A request goes to its partition, or into those that there are now")
  func partitions() {
    var bench = RedriveBench()
    bench.targets["requests"] = .init(partitions: 3, byteLimit: 1000)
    let letters = ["0", "2", "3", "7", "2147483647"].map {
      TopicRecord(headers: RedriveBench.added(partition: $0))
    }
    #expect(bench.run(letters).sent.map(\.partition) == [0, 2, 0, 1, 1])
  }

  // MARK: What does not go back

  @Test("P7: records that no worker has written are passed over and counted")
  func foreign() {
    let whole = RedriveBench.added()
    func without(_ name: String) -> [RecordHeader] { whole.filter { $0.name != name } }
    func with(_ name: String, _ value: [UInt8]?) -> [RecordHeader] {
      whole.map { $0.name == name ? RecordHeader(name, value) : $0 }
    }
    var letters: [[RecordHeader]] = [
      [], [RecordHeader("__connect.errors.topic", "requests")], [RecordHeader("__connect.errors.topic", nil)],
      with("__connect.errors.topic", [0xff]), with("__connect.errors.partition", Array("-1".utf8)),
      with("__connect.errors.partition", Array("2147483648".utf8)), with("__connect.errors.partition", []),
      with("__connect.errors.offset", Array("many".utf8)), with("x-failed-at", Array("now".utf8)),
      with("x-error-reason", nil), Array(whole.reversed()), Array(whole.dropLast()),
      whole + [RecordHeader("__connect.errors.topic", "requests")],
      [RecordHeader("__connect.errors.topic", "requests"), RecordHeader("__connect.errors.connector.name", "sink")],
    ]
    letters += whole.map(\.name).filter { $0 != "x-model-version" }.map(without)
    let (sent, report) = RedriveBench().run(letters.map { TopicRecord(value: [1], headers: $0) })
    #expect(sent.isEmpty)
    #expect(report.foreign == Int64(letters.count) && report.read == report.foreign && report.matched == 0)
  }

  @Test("P9: only topics with the role of requests are written to, whatever a letter says")
  func forgedTopic() {
    let names = ["control", "responses", "dead-letters", "", "requests ", "Requests"]
    let (sent, report) = RedriveBench().run(names.map { TopicRecord(headers: RedriveBench.added(topic: $0)) })
    #expect(sent.isEmpty)
    #expect(report.skipped == [.foreignTopic: 6] && report.foreignTopics == Set(names))
  }

  @Test("P7: a request that was cut, or that its topic does not take, stays and is counted")
  func unfit() {
    var bench = RedriveBench()
    bench.targets = ["requests": .init(partitions: 1, byteLimit: 400), "gone": .missing]
    let large = [UInt8](repeating: 1, count: 400)
    let letters = [
      TopicRecord(value: [1], headers: RedriveBench.added()),
      TopicRecord(headers: RedriveBench.added(truncated: "value")),
      TopicRecord(headers: RedriveBench.added(truncated: "envelope")),
      TopicRecord(value: large, headers: RedriveBench.added()),
      TopicRecord(key: large, headers: RedriveBench.added()),
      TopicRecord(headers: [RecordHeader("large", large)] + RedriveBench.added()),
      TopicRecord(headers: RedriveBench.added(topic: "gone")),
    ]
    let (sent, report) = bench.run(letters)
    #expect(sent.map(\.record) == [TopicRecord(value: [1])])
    #expect(report.skipped == [.truncated: 2, .tooLarge: 3, .missingTopic: 1])
    #expect(report.matched == 7 && report.redrivenInAll == 1)
  }

  /// Kafka's message format 2: 61 bytes of a batch, then the record's length, three bytes, key, value and headers, each
  /// with its length.
  @Test(
    "The bytes of a request are those that the broker counts", arguments: [0, 1, 63, 64, 8000, 8191, 8192, 100_000])
  func bytes(count: Int) {
    func varint(_ number: Int) -> Int { number < 64 ? 1 : number < 8192 ? 2 : number < 1_048_576 ? 3 : 4 }
    let body = 3 + 1 + varint(count) + count + 1 + (1 + 1 + 1)
    let size = 61 + varint(body) + body
    for (limit, goesBack) in [(size, true), (size - 1, false)] {
      var bench = RedriveBench()
      bench.targets["requests"] = .init(partitions: 1, byteLimit: limit)
      let value = [UInt8](repeating: 1, count: count)
      let letter = TopicRecord(value: value, headers: [RecordHeader("h", nil)] + RedriveBench.added())
      #expect(bench.run([letter]).sent.count == (goesBack ? 1 : 0), "\(size) in \(limit)")
    }
  }

  // MARK: Filters

  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var fill: @Sendable (inout RedriveFilter) -> Void
    /// Numbers of the letters that go back.
    var letters: [Int]
    var left: Int64 = 0
  }

  /// Number, reason, version, time, topic.
  static let letters: [TopicRecord] = [
    ("decode_failed", "1", "2026-11-20T10:00:00Z", "requests"),
    ("deadline", "1", "2026-11-20T10:00:00.001Z", "requests"),
    ("deadline", "2", "2026-11-20T11:00:00Z", "more"), ("no_live_release", nil, "2026-11-20T12:00:00+01:00", "more"),
    ("stage_crashed", "2", "2026-11-20T10:30:00Z", "requests"),
    ("of_a_newer_worker", "2", "2026-11-20T09:00:00Z", "more"),
  ].enumerated().map { number, letter in
    TopicRecord(
      value: [UInt8(number)],
      headers: RedriveBench.added(topic: letter.3, reason: letter.0, version: letter.1, failedAt: letter.2))
  }

  private static let ten = Timestamp.milliseconds("2026-11-20T10:00:00Z")
  private static let eleven = Timestamp.milliseconds("2026-11-20T11:00:00Z")

  static let rows: [Row] = [
    Row(testDescription: "nothing", fill: { _ in }, letters: [0, 1, 2, 3, 5], left: 1),
    Row(testDescription: "one reason", fill: { $0.reasons = [.deadline] }, letters: [1, 2]),
    Row(testDescription: "two reasons", fill: { $0.reasons = [.deadline, .noLiveRelease] }, letters: [1, 2, 3]),
    Row(testDescription: "crashes by name", fill: { $0.reasons = [.stageCrashed] }, letters: [4]),
    Row(
      testDescription: "crashes and others", fill: { $0.reasons = [.stageCrashed, .decodeFailed] }, letters: [0, 4]),
    Row(testDescription: "a version", fill: { $0.modelVersion = "2" }, letters: [2, 5], left: 1),
    Row(testDescription: "another version", fill: { $0.modelVersion = "1" }, letters: [0, 1]),
    Row(testDescription: "a version of nobody", fill: { $0.modelVersion = "" }, letters: []),
    Row(testDescription: "from, inclusive", fill: { $0.from = ten }, letters: [0, 1, 2, 3], left: 1),
    Row(testDescription: "to, exclusive", fill: { $0.to = eleven }, letters: [0, 1, 5], left: 1),
    Row(testDescription: "from and to", fill: { ($0.from, $0.to) = (ten, eleven) }, letters: [0, 1], left: 1),
    Row(testDescription: "an empty time", fill: { ($0.from, $0.to) = (ten, ten) }, letters: []),
    Row(testDescription: "a topic", fill: { $0.topic = "more" }, letters: [2, 3, 5]),
    Row(
      testDescription: "everything at once",
      fill: {
        $0.reasons = [.deadline]
        $0.modelVersion = "2"
        ($0.from, $0.to) = (eleven, eleven.map { $0 + 1 })
        $0.topic = "more"
      }, letters: [2]),
    Row(
      testDescription: "everything, but another topic",
      fill: { ($0.reasons, $0.modelVersion, $0.topic) = ([.deadline], "2", "requests") }, letters: []),
  ]

  @Test("A filter means those letters that fit all of it", arguments: rows)
  func filter(_ row: Row) {
    var bench = RedriveBench()
    bench.targets["more"] = .init(partitions: 8, byteLimit: 1000)
    row.fill(&bench.filter)
    let (sent, report) = bench.run(Self.letters)
    #expect(sent.map { Int($0.record.value?.first ?? 99) } == row.letters)
    #expect(report.left == row.left)
    #expect(report.different == Int64(Self.letters.count - row.letters.count) - row.left)
  }

  @Test("Two filters are written alike only if they mean the same")
  func canonical() {
    let filters = Self.rows.map { row in
      var filter = RedriveFilter()
      row.fill(&filter)
      return filter.canonical
    }
    #expect(Set(filters).count == filters.count)
    var (one, other) = (RedriveFilter(), RedriveFilter())
    one.reasons = [.deadline, .decodeFailed, .expired]
    other.reasons = [.expired, .deadline, .decodeFailed]
    #expect(one.canonical == other.canonical)
  }

  // MARK: Counting

  @Test("P1: what was aborted is not counted")
  func counts() {
    let counts = RedriveCounts()
    var report = RedriveReport()
    report.read = 3
    counts.begin()
    counts.add(report)
    #expect(counts.report.read == 0)
    counts.begin()
    counts.add(report)
    counts.add(report)
    counts.commit()
    counts.commit()
    #expect(counts.report.read == 6)
  }

  @Test("P8: letters of ever new versions are counted together in the end")
  func groups() {
    let letters = (0..<Limits.redriveGroups + 50).map {
      TopicRecord(headers: RedriveBench.added(version: "v\($0)"))
    }
    let report = RedriveBench().run(letters).report
    #expect(report.redriven.count == Limits.redriveGroups + 1)
    #expect(report.redriven[.others] == 50 && report.redrivenInAll == Int64(letters.count))
  }
}
