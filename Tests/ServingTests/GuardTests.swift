import Domain
import Serving
import Testing

/// What the rules of a guard make of rows, in all three forms.
struct GuardTests {
  private static let label = GuardRelease.output("label", .bytes)
  private static let probabilities = ColumnDescriptor(name: "p", datatype: .float32, width: 3)

  /// A release that is as sure of "b" as x says, and less of "a" and "c".
  private static func classes(_ rules: AnswerGuard, _ version: String = "1") throws -> LoadedRelease {
    try GuardRelease.load(
      "loan", version, outputs: [label], guard: rules,
      ScriptedStage([label.column, probabilities]) { x in
        [[.text("b")], [.number((1 - x) * 0.75), .number(x), .number((1 - x) * 0.25)]]
      })
  }

  @Test func `a confidence at the floor is enough, one below it is none, and what is not a number is none`() throws {
    let bench = Bench([try Self.classes(AnswerGuard(confidence: ConfidenceRule(column: "p", minimum: 0.5)))])
    let answers = bench.send(["0.5", "0.25", "0.75", "0.125"].map { Bench.Request(#"{"x":\#($0)}"#) })
    // 0.125 is surer of "a": 0.65625.
    #expect(answers.map { $0.header("x-status") } == ["ok", "ok", "ok", "ok"])
    let unsure = bench.send([0.49, 0.4].map { Bench.Request(#"{"id":1,"x":\#($0)}"#) })
    #expect(unsure.map { $0.header("x-status") } == ["abstained", "abstained"])
    #expect(
      unsure[0].text
        == #"{"id":1,"status":"abstained","model":"loan","version":"1","worker":"w-0","generation":7,"guard":{"reason":"low_confidence","message":"the confidence by p is 0.49, expected at least 0.5"}}"#
    )
    let binary = AnswerGuard(confidence: ConfidenceRule(column: "y", minimum: 0.8))
    let numbers = Bench([
      try GuardRelease.load(
        outputs: [Self.label], guard: binary,
        ScriptedStage([Self.label.column, .init(name: "y", datatype: .float64)]) {
          [[.text("b")], [.number($0 == 9 ? .nan : $0)]]
        }
      )
    ])
    #expect(
      numbers.send([Bench.Request(#"{"x":9}"#), Bench.Request(#"{"x":0.8}"#)]).map { $0.header("x-status") } == [
        "abstained", "ok",
      ])
  }

  @Test func `the probability of one of two classes is a confidence on both sides`() throws {
    let rules = AnswerGuard(confidence: ConfidenceRule(column: "y", isBinary: true, minimum: 0.8))
    let bench = Bench([try GuardRelease.plain(guard: rules)])
    let answers = bench.send([0.1, 0.2, 0.3, 0.7, 0.8, 0.9].map { Bench.Request(#"{"x":\#($0)}"#) })
    #expect(answers.map { $0.header("x-status") } == ["ok", "ok", "abstained", "abstained", "ok", "ok"])
  }

  @Test func `prompt keeps the outputs, alternatives stand in their place, abstain gives none`() throws {
    for (action, part) in [
      (
        GuardAction.abstain,
        #""status":"abstained","model":"loan","version":"1","worker":"w-0","generation":7,"guard":{"#
      ),
      (.prompt, #""generation":7,"outputs":{"label":"b"},"guard":{"reason":"low_confidence""#),
      (
        .alternatives,
        #""generation":7,"alternatives":[{"label":"b","probability":0.6},{"label":"a","probability":0.3}],"guard":{"#
      ),
    ] {
      let rules = AnswerGuard(
        confidence: ConfidenceRule(column: "p", minimum: 0.9, below: action),
        alternatives: AlternativesRule(column: "p", labels: [.text("a"), .text("b"), .text("c")], count: 2))
      let bench = Bench([try Self.classes(rules)])
      let answer = try #require(bench.send(#"{"x":0.6}"#).first)
      #expect(answer.text.contains(part), "\(action): \(answer.text)")
      #expect(answer.header("x-status") == (action == .abstain ? "abstained" : "prompt"))
      #expect(bench.send(#"{"x":0.6}"#).count == 1, "what is withheld is no dead letter")
    }
  }

  @Test func `fall_back without a fallback is an error that says so`() throws {
    let rules = AnswerGuard(confidence: ConfidenceRule(column: "p", minimum: 0.9, below: .fallBack))
    let answers = Bench([try Self.classes(rules)]).send(#"{"x":0.6}"#)
    #expect(answers[0].text.contains(#""error":{"code":"FAILED_PRECONDITION","reason":"low_confidence""#))
    #expect(answers[1].header("x-error-reason") == "low_confidence")
  }

  @Test func `the expected cost of an error decides by action`() throws {
    let rules = AnswerGuard(
      confidence: ConfidenceRule(column: "y", minimum: nil),
      errorCost: ErrorCostRule(
        decision: "label",
        actions: [
          "approve": .init(cost: 1000, maximum: 100), "decline": .init(cost: 1000, maximum: 400, above: .prompt),
        ]))
    let release = try GuardRelease.load(
      outputs: [Self.label], guard: rules,
      ScriptedStage([Self.label.column, .init(name: "y", datatype: .float64)]) { x in
        let label = x < 10 ? "approve" : x < 20 ? "decline" : "other"
        return [[.text(label)], [.number(x.truncatingRemainder(dividingBy: 10))]]
      })
    let bench = Bench([release])
    let answers = bench.send([0.95, 0.5, 10.7, 10.5, 20.1].map { Bench.Request(#"{"x":\#($0)}"#) })
    #expect(answers.map { $0.header("x-status") } == ["ok", "abstained", "ok", "prompt", "ok"])
    #expect(answers[1].text.contains("the expected cost of an error is 500, at most 100 is acceptable for approve"))
  }

  @Test func `a safeguard that expects an error, or fails, keeps the answer back`() throws {
    let safeguard = ScriptedStage([.init(name: "risk", datatype: .float32)]) { x in
      x == 5 ? nil : [[.number(x == 6 ? .nan : x)]]
    }
    let release = try GuardRelease.load(
      outputs: [GuardRelease.output("y")],
      guard: AnswerGuard(safeguard: SafeguardRule(column: "risk", maximum: 0.3)), safeguard: safeguard,
      ScriptedStage([.init(name: "y", datatype: .float64)]) { [[.number($0)]] })
    let answers = Bench([release]).send([0.3, 0.4, 5, 6].map { Bench.Request(#"{"x":\#($0)}"#) })
      .filter { $0.destination == .responses }
    #expect(answers.map { $0.header("x-status") } == ["ok", "abstained", "error", "abstained"])
    #expect(answers[1].text.contains("the safeguard expects an error: risk is 0.4, at most 0.3 is acceptable"))
    #expect(answers[2].text.contains(#""reason":"output_rejected","message":"it was told to fail""#))
  }

  @Test func `rows of an array and of an Open Inference body say for themselves what became of them`() throws {
    let rules = AnswerGuard(confidence: ConfidenceRule(column: "p", minimum: 0.9))
    let bench = Bench([try Self.classes(rules)])
    let array = bench.send(#"[{"id":"a","x":0.95},{"id":"b","x":0.5}]"#)
    #expect(array[0].header("x-status") == "ok")
    #expect(
      array[0].text.contains(#""rows":[{"id":"a","outputs":{"label":"b"}},{"id":"b","status":"abstained","guard":{"#))
    let tensors = bench.send(#"{"inputs":[{"name":"x","datatype":"FP64","shape":[2],"data":[0.95,0.5]}]}"#)
    #expect(tensors[0].text.contains(#""data":["b",""]}"#))
    #expect(
      tensors[0].text.contains(#"{"name":"row_status","datatype":"BYTES","shape":[2],"data":["ok","abstained"]}"#))
    #expect(
      tensors[0].text.contains(#"{"name":"row_remark","datatype":"BYTES","shape":[2],"data":["","low_confidence: the"#))
    #expect(!tensors[0].text.contains("row_error"))
  }

  @Test func `a guard whose columns do not fit is refused when the release is loaded`() {
    func refusal(_ rules: AnswerGuard) -> String {
      do throws(any Error) {
        _ = try Self.classes(rules)
        return "loaded"
      } catch { return "\(error)" }
    }
    #expect(
      refusal(AnswerGuard(confidence: ConfidenceRule(column: "q", minimum: 0.5)))
        == "stage_mismatch: guard.confidence.column reads q, but no stage makes it; there are x, label, p")
    #expect(
      refusal(AnswerGuard(confidence: ConfidenceRule(column: "p", isBinary: true, minimum: 0.5)))
        == "stage_mismatch: guard.confidence.column needs FP32 or FP64 of width 1, but there is p (FP32, width 3)")
    #expect(
      refusal(AnswerGuard(alternatives: AlternativesRule(column: "p", labels: [.text("a"), .text("b")])))
        == "stage_mismatch: guard.alternatives has 2 labels, but p (FP32, width 3) has another width")
  }
}
