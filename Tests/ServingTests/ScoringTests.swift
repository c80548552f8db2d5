import Domain
import Serving
import Testing

struct ScoringTests {
  @Test func `P1: answers come in the order of the records over two releases, one each`() throws {
    let (newer, older) = (FakeStage(factor: 2), FakeStage(factor: 3))
    let bench = Bench([try SampleRelease.load("2", [(.model, newer)]), try SampleRelease.load("1", [(.model, older)])])
    let pin = [RecordHeader("x-model-version", "1")]
    let answers = bench.send(
      (0..<6).map { Bench.Request(#"{"id":\#($0),"age":\#($0 + 10)}"#, $0.isMultiple(of: 2) ? pin : []) })
    try #require(answers.map(\.request) == [0, 1, 2, 3, 4, 5])
    for (number, answer) in answers.enumerated() {
      let factor = number.isMultiple(of: 2) ? 3 : 2
      #expect(answer.text.hasPrefix(#"{"id":\#(number),"status":"ok""#))
      #expect(answer.text.hasSuffix(#""outputs":{"score":\#((number + 10) * factor)}}"#))
    }
    #expect(newer.runs == [0..<3], "all rows of a release are scored at once")
    #expect(older.runs == [0..<3])
    #expect(bench.counters.snapshot.requests == 6)
    #expect(bench.counters.snapshot.ok == 6)
  }

  @Test func `nothing of a batch is left in the next one`() throws {
    let stage = FakeStage(poison: 13)
    let bench = Bench([try SampleRelease.load("1", [(.model, stage)])])
    _ = bench.send([Bench.Request(#"{"age":13}"#), Bench.Request(#"{"age":1}"#)])
    let answers = bench.send([Bench.Request(#"{"age":4}"#), Bench.Request(#"{"age":5}"#)])
    #expect(answers.map { $0.header("x-status") } == ["ok", "ok"])
    #expect(answers[0].text.contains(#""score":8"#))
  }

  @Test(arguments: [0, 3, 7])
  func `P7: one row that poisons a stage fails alone`(place: Int) throws {
    let bench = Bench([try SampleRelease.load("1", [(.model, FakeStage(poison: 13))])])
    let answers = bench.send((0..<8).map { Bench.Request(#"{"age":\#($0 == place ? 13 : 20 + $0)}"#) })
    let responses = answers.filter { $0.destination == .responses }
    try #require(responses.map(\.request) == Array(0..<8))
    for (number, answer) in responses.enumerated() where number != place {
      #expect(answer.text.contains(#""outputs":{"score":\#(2 * (20 + number))}"#))
    }
    #expect(
      responses[place].text.contains(
        #""error":{"code":"INTERNAL","reason":"model_failed","message":"poisoned","retryable":false}"#))
    let letters = answers.filter { $0.destination == .deadLetters }
    try #require(letters.map(\.request) == [place])
    #expect(letters[0].header("__connect.errors.stage") == "MODEL")
  }

  @Test func `P7: a poisonous row in an array leaves the rest of the array scored`() throws {
    let bench = Bench([try SampleRelease.load("1", [(.model, FakeStage(poison: 13))])])
    let answers = bench.send(#"[{"id":"a","age":1},{"id":"b","age":13},{"id":"c","age":3}]"#)
    try #require(answers.count == 1, "a request that is answered in part has no dead letter")
    #expect(answers[0].header("x-status") == "partial")
    #expect(answers[0].text.contains(#"{"id":"a","outputs":{"score":2}},{"id":"b","error":{"#))
    #expect(answers[0].text.contains(#"{"id":"c","outputs":{"score":6}}]}"#))
    #expect(bench.counters.snapshot.partial == 1)
  }

  @Test func `P7: a row that failed in one stage is not given to the next`() throws {
    let features = FakeStage(to: "features", factor: 1, poison: 13)
    let model = FakeStage(from: "features", factor: 10)
    let bench = Bench([try SampleRelease.load("1", [(.features, features), (.model, model)])])
    let answers = bench.send([1, 13, 3].map { Bench.Request(#"{"age":\#($0)}"#) })
    #expect(answers[0].text.contains(#""score":10"#))
    #expect(answers[1].text.contains(#""reason":"features_failed""#))
    #expect(answers[3].text.contains(#""score":30"#))
    #expect(model.runs == [0..<1, 2..<3])
  }

  @Test func `a failure of each stage has its own reason`() throws {
    for (role, reason) in [
      (StageRole.features, "features_failed"), (.model, "model_failed"), (.scoring, "scoring_failed"),
    ] {
      let bench = Bench([try SampleRelease.load("1", [(role, FakeStage(poison: 13))])])
      #expect(bench.send(#"{"age":13}"#)[0].text.contains(#""reason":"\#(reason)""#))
    }
  }

  @Test func `a number that is not finite is never answered`() throws {
    let bench = Bench([try SampleRelease.load("1", [(.model, FakeStage(notANumber: 13))])])
    let answers = bench.send([12, 13, 14].map { Bench.Request(#"{"age":\#($0)}"#) })
    #expect(answers.map { $0.header("x-status") } == ["ok", "error", nil, "ok"])
    #expect(
      answers[1].text.contains(
        #""reason":"output_rejected","message":"score: the release made a number that is not finite""#))
    #expect(answers[2].header("__connect.errors.stage") == "GUARD")
  }

  @Test func `P7: a bad request between good ones costs only itself`() throws {
    let bench = Bench([try SampleRelease.load("1")])
    let bad = [#"{"age""#, #"{"age":"x"}"#, #"{"age":5000}"#, "{}", "7", "[]"]
    let reasons = [
      "decode_failed", "schema_mismatch", "out_of_range", "missing_field", "schema_mismatch", "schema_mismatch",
    ]
    let answers = bench.send(bad.flatMap { [Bench.Request($0), Bench.Request(#"{"age":2}"#)] })
      .filter { $0.destination == .responses }
    try #require(answers.map(\.request) == Array(0..<12))
    for (number, reason) in reasons.enumerated() {
      #expect(answers[2 * number].text.contains(#""reason":"\#(reason)""#), "\(bad[number])")
      #expect(answers[2 * number + 1].text.contains(#""score":4"#))
    }
  }

  @Test func `a record without a value is answered and kept`() throws {
    let bench = Bench([try SampleRelease.load("1")])
    let answers = bench.send(nil, [RecordHeader("x-request-id", "r")])
    #expect(answers[0].text.hasPrefix(#"{"id":"r","status":"error","model":"loan","version":"1""#))
    #expect(answers[0].text.contains(#""reason":"decode_failed","message":"the record has no value;"#))
    #expect(answers[1].destination == .deadLetters)
    #expect(answers[1].value == nil)
  }

  @Test func `a record without a value that cannot be routed is answered too`() throws {
    let answers = Bench().send(nil)
    #expect(answers[0].text.hasPrefix(#"{"id":"requests-5-0","status":"error","model":"loan","worker":"w-0""#))
    #expect(answers[0].text.contains(#""reason":"no_live_release""#))
  }

  @Test func `the number of the batch's records is the number of its responses`() throws {
    let bench = Bench([try SampleRelease.load("1")])
    #expect(bench.send([]).isEmpty)
    let answers = bench.send(#"{"inputs":[{"name":"age","datatype":"FP32","shape":[2],"data":[1,2]}],"id":"oip"}"#)
    try #require(answers.count == 1)
    #expect(answers[0].text.contains(#""data":[2,4]"#))
  }
}
