import Domain
import Testing
import Wire

/// Reading test sets.
struct TestSetTests {
  static let endToEnd = EndToEndSet(file: "e.jsonl")

  static let confidence = ConfidenceSet(
    file: "c.jsonl", metric: .rocAUC, prediction: "p", positiveLabel: .text("yes"), acceptableRange: 0...1,
    slices: [.init(input: "state"), .init(input: "visits")])

  static let manifest = Manifest(
    name: "loan", version: "1",
    inputs: [
      InputSpecification(column: .init(name: "age", datatype: .float32)),
      InputSpecification(column: .init(name: "state", datatype: .bytes)),
      InputSpecification(
        column: .init(name: "visits", datatype: .int64), isOptional: true, defaultValue: .int64(3)),
    ],
    outputs: [
      OutputSpecification(column: .init(name: "p", datatype: .float32)),
      OutputSpecification(column: .init(name: "both", datatype: .float64, width: 2)),
      OutputSpecification(column: .init(name: "label", datatype: .bytes)),
      OutputSpecification(column: .init(name: "count", datatype: .int64)),
      OutputSpecification(column: .init(name: "flag", datatype: .bool)),
    ], stages: [])

  private func endToEnd(_ text: String) throws(Refusal) -> [EndToEndRow] {
    try TestSetReader(Self.manifest).endToEndRows(Array(text.utf8), of: Self.endToEnd)
  }

  private func confidence(_ text: String, _ set: ConfidenceSet = confidence) throws(Refusal) -> [ConfidenceRow] {
    try TestSetReader(Self.manifest).confidenceRows(Array(text.utf8), of: set)
  }

  private func message(_ body: () throws(Refusal) -> Void) -> String? {
    do throws(Refusal) {
      try body()
      return nil
    } catch {
      return error.reason == .noTestSets ? error.message : error.description
    }
  }

  @Test func `rows of an end-to-end set are contexts and values of any datatype, blank lines are passed over`() throws {
    let rows = try endToEnd(
      "\n{\"inputs\":{\"age\":41.5,\"state\":\"FL\"},\"outputs\":{\"p\":0.1,\"both\":[1,2.5]}}\r\n \t\n"
        + #"{"outputs":{"label":"1","count":-7,"flag":true},"inputs":{}}"#)
    #expect(rows.map(\.line) == [2, 4])
    #expect(rows[0].context == Array(#"{"age":41.5,"state":"FL"}"#.utf8))
    // FP32 outputs are compared as what FP32 makes of them.
    #expect(
      rows[0].expected == [
        .init(output: 0, elements: [.number(Double(Float(0.1)))]),
        .init(output: 1, elements: [.number(1), .number(2.5)]),
      ])
    #expect(rows[1].expected.map(\.elements) == [[.text("1")], [.int64(-7)], [.bool(true)]])
    #expect(rows[1].context == Array("{}".utf8))
  }

  @Test(arguments: [
    ("", "e.jsonl: expected at least one row, got an empty file"),
    ("\n \n", "e.jsonl: expected at least one row, got an empty file"),
    ("\n{", "e.jsonl:2: not a JSON document: brackets, commas or words are wrong, or something follows its end"),
    ("\u{FEFF}{}", "e.jsonl:1: not a JSON document: brackets, commas or words are wrong, or something follows its end"),
    ("[]", "e.jsonl:1: expected an object, got an array of 0"),
    (#"{"outputs":{"p":1}}"#, "e.jsonl:1: inputs: expected an object, got nothing"),
    (#"{"inputs":{}}"#, "e.jsonl:1: outputs: expected an object, got nothing"),
    (#"{"inputs":{},"outputs":{}}"#, "e.jsonl:1: outputs: expected at least one output, got an object"),
    (
      #"{"inputs":{"ages":1},"outputs":{"p":1}}"#,
      #"e.jsonl:1: inputs.ages: expected an input of the manifest, got "ages""#
    ),
    (#"{"inputs":{},"outputs":{"q":1}}"#, #"e.jsonl:1: outputs.q: expected an output of the manifest, got "q""#),
    (#"{"inputs":{},"outputs":{"p":"1"}}"#, #"e.jsonl:1: outputs.p: expected a number, got "1""#),
    (#"{"inputs":{},"outputs":{"p":1e39}}"#, "e.jsonl:1: outputs.p: expected a number that FP32 can hold, got 1e+39"),
    (#"{"inputs":{},"outputs":{"both":1}}"#, "e.jsonl:1: outputs.both: expected an array, got 1"),
    (#"{"inputs":{},"outputs":{"both":[1]}}"#, "e.jsonl:1: outputs.both: expected an array of 2, got an array of 1"),
    (#"{"inputs":{},"outputs":{"both":[1,null]}}"#, "e.jsonl:1: outputs.both[1]: expected a number, got nothing"),
    (#"{"inputs":{},"outputs":{"count":1.5}}"#, "e.jsonl:1: outputs.count: expected an integer, got 1.5"),
    (#"{"inputs":{},"outputs":{"flag":1}}"#, "e.jsonl:1: outputs.flag: expected true or false, got 1"),
  ])
  func `P3: an end-to-end set that is none is refused with file, line and path`(text: String, expected: String) {
    #expect(message { () throws(Refusal) in _ = try endToEnd(text) } == expected)
  }

  @Test func `rows of a confidence set have label, cost and slices`() throws {
    let rows = try confidence(
      #"{"inputs":{"age":1,"state":"FL","visits":7},"label":"yes","cost":2.5}"# + "\n"
        + #"{"inputs":{"state":null},"label":"no","note":1}"#)
    #expect(rows.map(\.label) == [Label(.text("yes")), Label(.text("no"))])
    #expect(rows.map(\.cost) == [2.5, nil])
    // A missing optional input is its default, as the release sees it.
    #expect(rows.map(\.slices) == [[#""FL""#, "7"], ["null", "3"]])
    #expect(rows.map(\.number) == [nil, nil])
  }

  @Test(arguments: [
    (#"{"inputs":{}}"#, "c.jsonl:1: label: expected a string as label, got nothing"),
    (#"{"inputs":{},"label":1}"#, "c.jsonl:1: label: expected a string as label, got 1"),
    (#"{"inputs":{},"label":["yes"]}"#, "c.jsonl:1: label: expected a string as label, got an array of 1"),
    (#"{"inputs":{},"label":"yes","cost":-1}"#, "c.jsonl:1: cost: expected a number of at least 0, got -1"),
    (#"{"inputs":{},"label":"yes","cost":"1"}"#, #"c.jsonl:1: cost: expected a number, got "1""#),
    (#"{"inputs":{"aeg":1},"label":"yes"}"#, #"c.jsonl:1: inputs.aeg: expected an input of the manifest, got "aeg""#),
    (#"{"label":"yes"}"#, "c.jsonl:1: inputs: expected an object, got nothing"),
  ])
  func `P3: a confidence set that is none is refused with file, line and path`(text: String, expected: String) {
    #expect(message { () throws(Refusal) in _ = try confidence(text) } == expected)
  }

  @Test func `labels of numbers are numbers, and have no cost without a decision`() throws {
    let set = ConfidenceSet(file: "c.jsonl", metric: .mae, prediction: "p", acceptableRange: 0...1)
    #expect(try confidence(#"{"inputs":{},"label":3}"#, set).map(\.number) == [3])
    #expect(
      message { () throws(Refusal) in _ = try confidence(#"{"inputs":{},"label":true}"#, set) }
        == "c.jsonl:1: label: expected a number as label, got true")
    #expect(
      message { () throws(Refusal) in _ = try confidence(#"{"inputs":{},"label":3,"cost":1}"#, set) }
        == "c.jsonl:1: cost: expected no cost, since no output tells a decision: name one as `decision`, got 1")
  }

  @Test func `P8: an input with more values than a category has makes no slices`() {
    let rows = (0...Limits.valuesPerSlice).map { #"{"inputs":{"visits":\#($0)},"label":"yes"}"# }
    #expect(
      message { () throws(Refusal) in _ = try confidence(rows.joined(separator: "\n")) }
        == #"c.jsonl:1001: inputs.visits: expected at most 1000 values of an input that makes slices, got "1000""#)
    #expect(throws: Never.self) { try confidence(rows.dropLast().joined(separator: "\n")) }
  }

  @Test(arguments: [
    (Value.int64(1), Value.number(1), true), (.int64(0), .number(-0.0), true), (.number(0.5), .number(0.5), true),
    (.text("1"), .int64(1), false), (.bool(true), .text("true"), false),
    (.int64(9_007_199_254_740_993), .int64(9_007_199_254_740_992), false), (.number(1e300), .number(1e300), true),
  ])
  func `labels are equal if kind and value are`(one: Value, other: Value, isEqual: Bool) {
    #expect((Label(one) == Label(other)) == isEqual)
  }

  @Test func `answers are read back as the values that the release has made`() {
    let outputs = Self.manifest.outputs
    let good = #"{"id":"x","status":"ok","outputs":{"p":0.1,"both":[0.1,2],"label":"é","count":5,"flag":false}}"#
    #expect(
      RowAnswer(response: Array(good.utf8), outputs: outputs)
        == .outputs([
          [.number(Double(Float(0.1)))], [.number(0.1), .number(2)], [.text("é")], [.int64(5)], [.bool(false)],
        ]))
    let bad = #"{"status":"error","error":{"code":"X","reason":"missing_field","message":"age"}}"#
    #expect(
      RowAnswer(response: Array(bad.utf8), outputs: outputs) == .failed(reason: "missing_field", message: "age"))
    guard case .failed(let reason, _) = RowAnswer(response: Array("{}".utf8), outputs: outputs) else {
      Issue.record("an answer without outputs was read")
      return
    }
    #expect(reason == "output_rejected")
  }
}
