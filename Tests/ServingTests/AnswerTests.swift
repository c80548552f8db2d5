import Domain
import Serving
import Testing

/// Identifiers, headers, sizes and dead letters of answers.
struct AnswerTests {
  // MARK: Identifiers

  @Test func `the identifier is the body's, else the header's, else where the record lies`() throws {
    let bench = Bench([try SampleRelease.load("1")])
    let header = [RecordHeader("x-request-id", "from \"header\"")]
    let long = [RecordHeader("x-request-id", String(repeating: "x", count: Limits.identifierBytes + 1))]
    let answers = bench.send([
      Bench.Request(#"{"id":"body","age":1}"#, header), Bench.Request(#"{"age":1}"#, header),
      Bench.Request(#"{"age":1}"#),
      Bench.Request(#"{"id":null,"age":1}"#, header), Bench.Request(#"{"age":1}"#, long),
    ])
    let prefixes = [
      #"{"id":"body","#, #"{"id":"from \"header\"","#, #"{"id":"requests-5-2","#, #"{"id":"from \"header\"","#,
      #"{"id":"requests-5-4","#,
    ]
    for (answer, prefix) in zip(answers, prefixes) { #expect(answer.text.hasPrefix(prefix)) }
  }

  // MARK: Headers

  @Test func `the requester's headers are echoed, others are not`() throws {
    let bench = Bench([try SampleRelease.load("1")])
    let answers = bench.send(
      #"{"age":1}"#,
      [
        RecordHeader("x-request-id", "r"), RecordHeader("kafka_correlationId", [0, 0xff]),
        RecordHeader("traceparent", "00-a-b-01"), RecordHeader("secret", "s"),
      ])
    #expect(
      answers[0].headers == [
        RecordHeader("x-status", "ok"), RecordHeader("x-request-id", "r"),
        RecordHeader("kafka_correlationId", [0, 0xff]), RecordHeader("traceparent", "00-a-b-01"),
      ])
    #expect(answers[0].keepsKey)
  }

  @Test func `a header that comes twice or null counts as the last one says`() throws {
    let bench = Bench([try SampleRelease.load("1")])
    let twice = bench.send(#"{"age":1}"#, [RecordHeader("x-request-id", "1"), RecordHeader("x-request-id", "2")])
    #expect(twice[0].header("x-request-id") == "2")
    let null = bench.send(#"{"age":1}"#, [RecordHeader("x-model", nil)])
    #expect(null[0].headers == [RecordHeader("x-status", "ok")])
  }

  @Test func `CloudEvents headers name the group, the worker and the record`() throws {
    let policy = ServingPolicy(worker: "w-0", group: "g", defaultModel: "loan", addsCloudEventHeaders: true)
    let answers = Bench([try SampleRelease.load("1")], policy: policy).send(#"{"age":1}"#)
    #expect(
      answers[0].headers == [
        RecordHeader("x-status", "ok"), RecordHeader("ce_specversion", "1.0"),
        RecordHeader("ce_type", "io.understudy.response.v1"), RecordHeader("content-type", "application/json"),
        RecordHeader("ce_source", "/understudy/g/w-0"), RecordHeader("ce_id", "requests-5-0"),
      ])
  }

  @Test func `the trace header names worker, lane, transaction and snapshot`() throws {
    let policy = ServingPolicy(worker: "w-0", group: "g", defaultModel: "loan", addsTransactionHeader: true)
    let bench = Bench([try SampleRelease.load("1")], policy: policy)
    #expect(bench.send(#"{"age":1}"#)[0].header("x-transaction") == "w-0.3.1.1")
    _ = bench.pipeline.beginTransaction(2)
    #expect(bench.send(#"{"age":1}"#)[0].header("x-transaction") == "w-0.3.2.1")
    bench.publish([try SampleRelease.load("2")])
    _ = bench.pipeline.beginTransaction(3)
    #expect(bench.send(#"{"age":1}"#)[0].header("x-transaction") == "w-0.3.3.2")
  }

  // MARK: Sizes

  static let rows = "[" + (0..<40).map { #"{"id":"row-\#($0)","age":\#($0)}"# }.joined(separator: ",") + "]"

  @Test func `P8: a response larger than its topic takes becomes an error that says so`() throws {
    let bench = Bench([try SampleRelease.load("1")])
    bench.destinations.limits[.responses] = 600
    let answers = bench.send([Bench.Request(Self.rows), Bench.Request(#"{"age":2}"#)])
    try #require(answers.map(\.destination) == [.responses, .deadLetters, .responses])
    #expect(answers[0].header("x-status") == "error")
    #expect(
      answers[0].text.contains(#""code":"RESOURCE_EXHAUSTED","reason":"too_large","message":"the response would have "#)
    )
    #expect(answers[0].text.contains("bytes with a key of 1; the topic takes 600"))
    #expect(answers[0].text.utf8.count < 600)
    #expect(answers[0].keepsKey)
    #expect(answers[1].text == Self.rows)
    #expect(answers[1].header("__connect.errors.stage") == "ENCODE")
    #expect(answers[2].text.contains(#""score":4"#))
  }

  @Test func `P8: a key and headers that are too large for the topic are left out of the error`() throws {
    let bench = Bench([try SampleRelease.load("1")])
    bench.destinations.limits[.responses] = 600
    let key = String(repeating: "k", count: 700)
    let answers = bench.send([
      Bench.Request(#"{"id":1,"age":2}"#, key: key),
      Bench.Request(#"{"id":2,"age":2}"#, [RecordHeader("traceparent", key)]),
    ])
    for answer in [answers[0], answers[2]] {
      #expect(answer.text.contains(#""reason":"too_large""#))
      #expect(!answer.keepsKey)
      #expect(answer.headers == [RecordHeader("x-status", "error")])
    }
  }

  @Test func `P8: a request that the dead-letter topic cannot take leaves its headers there`() throws {
    let bench = Bench([try SampleRelease.load("1")])
    bench.destinations.limits[.deadLetters] = 10_000
    let large = #"{"age":"\#(String(repeating: "x", count: 9000))"}"#
    let answers = bench.send(large, [RecordHeader("mine", "1")])
    #expect(answers[1].destination == .deadLetters)
    #expect(answers[1].value == nil)
    #expect(answers[1].header("mine") == "1")
    #expect(answers[1].header("__connect.errors.exception.class.name") == "schema_mismatch")
  }

  @Test func `P8: a key and headers that the dead-letter topic cannot take leave the place of the request there`()
    throws
  {
    let bench = Bench([try SampleRelease.load("1")])
    bench.destinations.limits[.deadLetters] = 10_000
    let large = String(repeating: "x", count: 9000)
    let answers = bench.send([
      Bench.Request("{", key: large), Bench.Request("{", [RecordHeader("mine", large)]), Bench.Request("{", key: "k"),
    ])
    let letters = answers.filter { $0.destination == .deadLetters }
    try #require(letters.count == 3)
    #expect(letters.map(\.keepsKey) == [false, false, true])
    #expect(letters.map { $0.value == nil } == [true, true, false])
    #expect(letters[1].header("mine") == nil)
    #expect(letters.map { $0.header("__connect.errors.offset") } == ["0", "1", "2"])
  }

  // MARK: Dead letters

  @Test func `P7: a dead letter is the request byte for byte, with the reason behind its headers`() throws {
    let bench = Bench([try SampleRelease.load("1")])
    let headers = [
      RecordHeader("a", [0, 0xff, 1]), RecordHeader("null", nil), RecordHeader("empty", []), RecordHeader("a", "again"),
    ]
    var bad = Bench.Request("", headers, partition: 7)
    bad.value = [0xff, 0x00, 0x7b, 0x0a]
    let answers = bench.send([Bench.Request(#"{"age":1}"#), bad])
    try #require(answers.map(\.destination) == [.responses, .responses, .deadLetters])
    let letter = answers[2]
    #expect(letter.value == bad.value)
    #expect(letter.keepsKey)
    #expect(letter.partition == 1, "partition 7 of the requests, modulo 2")
    #expect(Array(letter.headers.prefix(4)) == headers)
    let added = letter.headers.dropFirst(4)
    #expect(
      added.map(\.name) == [
        "__connect.errors.topic", "__connect.errors.partition", "__connect.errors.offset", "__connect.errors.stage",
        "__connect.errors.exception.class.name", "__connect.errors.exception.message", "x-error-reason",
        "x-model-version",
        "x-failed-at",
      ])
    #expect(letter.header("__connect.errors.topic") == "requests")
    #expect(letter.header("__connect.errors.partition") == "7")
    #expect(letter.header("__connect.errors.offset") == "1")
    #expect(letter.header("__connect.errors.stage") == "DECODE")
    #expect(letter.header("x-error-reason") == "decode_failed")
    #expect(letter.header("x-model-version") == "1")
    #expect(Timestamp.milliseconds(letter.header("x-failed-at") ?? "") != nil)
    #expect(bench.counters.snapshot.deadLetters == 1)
  }

  @Test func `a dead letter of an array names the first row that failed`() throws {
    let bench = Bench([try SampleRelease.load("1")])
    let answers = bench.send(#"[{"age":5000},{"age":"x"}]"#)
    #expect(answers[0].header("x-status") == "error")
    #expect(answers[1].header("x-error-reason") == "out_of_range")
  }

  @Test func `a dead letter that no release has seen names no version`() throws {
    let answers = Bench().send(#"{"age":1}"#)
    #expect(answers[1].header("x-error-reason") == "no_live_release")
    #expect(!answers[1].headers.contains { $0.name == "x-model-version" })
  }
}
