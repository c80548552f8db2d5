import Domain
import Serving
import Testing

/// Who answers when a release cannot.
struct FallbackTests {
  private static let constant = AnswerGuard(constant: [[.number(-1)]])

  private static func bench(
    _ steps: [FallbackStep], live: LoadedRelease, previous: LoadedRelease? = nil, others: [LoadedRelease] = [],
    deadlineMilliseconds: Int = 5000
  ) -> Bench {
    let bench = Bench(
      ServingPolicy(
        worker: "w-0", group: "g", defaultModel: "loan", fallbacks: ["loan": steps],
        batchDeadlineMilliseconds: deadlineMilliseconds))
    var routes = [
      "loan": ModelRoute(live: live, previous: previous, generation: 7, pinnable: [live.identity.version: live])
    ]
    for other in others { routes[other.identity.model] = ModelRoute(live: other, generation: 3, pinnable: [:]) }
    bench.table.publish(routes)
    _ = bench.pipeline.beginTransaction(1)
    return bench
  }

  /// Answers 2x; −x for 3, which is out of range; fails for 5.
  private static func shaky(_ rules: AnswerGuard? = nil) throws -> LoadedRelease {
    try GuardRelease.plain("loan", "2", minimum: -1, guard: rules) { $0 == 5 ? nil : $0 == 3 ? -3 : 2 * $0 }
  }

  @Test func `P2: the previous release answers what the live one cannot, and says so`() throws {
    let bench = Self.bench(
      [.previous], live: try Self.shaky(), previous: try GuardRelease.plain("loan", "1") { 10 * $0 })
    let answers = bench.send([1, 3, 5, 7].map { Bench.Request(#"{"id":\#($0),"x":\#($0)}"#) })
    try #require(answers.count == 4, "nothing failed, so nothing is a dead letter")
    #expect(answers.map { $0.header("x-status") } == ["ok", "fallback", "fallback", "ok"])
    #expect(
      answers[1].text
        == #"{"id":3,"status":"fallback","model":"loan","version":"2","worker":"w-0","generation":7,"outputs":{"y":30},"fallback":{"model":"loan","version":"1","reason":"output_rejected","message":"y: the release made -3, expected at least -1"}}"#
    )
    #expect(
      answers[2].text.contains(#""outputs":{"y":50},"fallback":{"model":"loan","version":"1","reason":"model_failed""#))
    #expect(bench.counters.snapshot.fallback == 2)
  }

  @Test func `P7: the previous release answers in time what the live one never ends on`() throws {
    let live = try GuardRelease.load("loan", "2", outputs: [GuardRelease.output("y")], HangingStage())
    let bench = Self.bench(
      [.previous], live: live, previous: try GuardRelease.plain("loan", "1") { 10 * $0 },
      deadlineMilliseconds: 20_000)
    for numbers in [[1, -1, 1], [1, -1], [-1]] {
      let answers = bench.send(numbers.map { Bench.Request(#"{"x":\#($0)}"#) })
      #expect(answers.map { $0.header("x-status") } == numbers.map { $0 == 1 ? "ok" : "fallback" })
      let said =
        #""fallback":{"model":"loan","version":"1","reason":"deadline","message":"interrupted (batch.deadline_milliseconds)""#
      #expect(answers.contains { $0.text.contains(#""y":-10"#) && $0.text.contains(said) }, "\(answers.map(\.text))")
    }
  }

  @Test func `another model answers by its own inputs, of the same request`() throws {
    let stage = ScriptedStage([.init(name: "y", datatype: .float64)], from: "z") { [[.number($0 + 100)]] }
    let other = try GuardRelease.load(
      "simple", "9", outputs: [GuardRelease.output("y")],
      inputs: [InputSpecification(column: .init(name: "z", datatype: .float64), maximum: 50)], stage)
    let bench = Self.bench([.model("simple")], live: try Self.shaky(), others: [other])
    let array = bench.send(#"[{"x":1,"z":1},{"x":5,"z":2},{"x":5,"z":99},{"x":5}]"#)
    let text = try #require(array.first).text
    #expect(array[0].header("x-status") == "partial")
    #expect(
      text.contains(
        #"{"status":"fallback","outputs":{"y":102},"fallback":{"model":"simple","version":"9","reason":"model_failed""#)
    )
    #expect(text.contains(#"no fallback could answer: simple 9: out_of_range: z: expected at most 50, got 99"#))
    #expect(text.contains(#"no fallback could answer: simple 9: missing_field: z: expected a number, got nothing"#))
    #expect(stage.rows == 1, "only the rows that need it are scored again")
  }

  @Test func `steps are asked in order, and the constant answers at last`() throws {
    let previous = try GuardRelease.plain("loan", "1", maximum: 40) { 10 * $0 }
    let bench = Self.bench(
      [.model("none"), .previous, .constant], live: try Self.shaky(Self.constant), previous: previous)
    let answers = bench.send([3, 5].map { Bench.Request(#"{"x":\#($0)}"#) })
    #expect(answers[0].text.contains(#""outputs":{"y":30},"fallback":{"model":"loan","version":"1""#))
    #expect(
      answers[1].text.contains(
        #""outputs":{"y":-1},"fallback":{"model":"loan","version":"2","constant":true,"reason":"model_failed""#))
    let tensors = bench.send(#"{"inputs":[{"name":"x","datatype":"FP64","shape":[3],"data":[1,3,5]}]}"#)
    #expect(tensors[0].text.contains(#""data":[2,30,-1]}"#))
    #expect(tensors[0].text.contains(#""data":["ok","fallback","fallback"]}"#))
    #expect(tensors[0].text.contains("answered by loan 1"))
    #expect(tensors[0].text.contains("answered by the constant of loan 2"))
  }

  @Test func `P7: what no step can answer is an error that says what was tried, with its dead letter`() throws {
    let previous = try GuardRelease.plain("loan", "1") { _ in nil }
    let bench = Self.bench([.previous, .model("gone"), .constant], live: try Self.shaky(), previous: previous)
    let answers = bench.send(#"{"x":5}"#)
    #expect(answers.map { $0.header("x-status") } == ["error", nil])
    #expect(
      answers[0].text.contains(
        #""reason":"model_failed","message":"it was told to fail; no fallback could answer: loan 1: model_failed: it was told to fail; model:gone: nothing of it is live; constant: the manifest has none (guard.constant)""#
      ))
  }

  @Test func `a fallback's own guard and the outputs' checks of the release hold for it too`() throws {
    let unsure = try GuardRelease.plain(
      "loan", "1", guard: AnswerGuard(confidence: ConfidenceRule(column: "y", minimum: 0.9))
    ) { _ in 0.5 }
    let refused = Self.bench([.previous], live: try Self.shaky(), previous: unsure).send(#"{"x":5}"#)
    #expect(refused[0].text.contains("loan 1: low_confidence: the confidence by y is 0.5, expected at least 0.9"))
    let outside = try GuardRelease.plain("loan", "1") { _ in -50 }
    let rejected = Self.bench([.previous], live: try Self.shaky(), previous: outside).send(#"{"x":5}"#)
    #expect(rejected[0].text.contains("loan 1: output_rejected: y: the release made -50, expected at least -1"))
  }

  @Test func `a release that makes other outputs cannot stand in`() throws {
    let other = try GuardRelease.load(
      "simple", "9", outputs: [GuardRelease.output("y", .float32)],
      ScriptedStage([.init(name: "y", datatype: .float32)]) { [[.number($0)]] })
    let answers = Self.bench([.model("simple")], live: try Self.shaky(), others: [other]).send(#"{"x":5}"#)
    #expect(answers[0].text.contains("model:simple: simple 9 makes no output y (FP64, width 1)"))
  }

  @Test func `a bad request and an answer that is only unsure do not fall back`() throws {
    let rules = AnswerGuard(confidence: ConfidenceRule(column: "y", minimum: 4), constant: [[.number(-1)]])
    let bench = Self.bench([.constant], live: try Self.shaky(rules))
    let answers = bench.send([Bench.Request(#"{"x":"no"}"#), Bench.Request(#"{"x":1}"#)])
    #expect(answers.compactMap { $0.header("x-status") } == ["error", "abstained"])
  }

  @Test func `P2: fallbacks follow the routing of their transaction`() throws {
    let live = try Self.shaky()
    let bench = Self.bench([.previous], live: live, previous: try GuardRelease.plain("loan", "1") { 10 * $0 })
    #expect(bench.send(#"{"x":5}"#)[0].text.contains(#""version":"1","reason""#))
    bench.table.publish([
      "loan": ModelRoute(
        live: live, previous: try GuardRelease.plain("loan", "0") { 20 * $0 }, generation: 8, pinnable: [:])
    ])
    #expect(bench.send(#"{"x":5}"#)[0].text.contains(#""version":"1","reason""#), "the transaction has not ended")
    _ = bench.pipeline.beginTransaction(2)
    #expect(bench.send(#"{"x":5}"#)[0].text.contains(#""outputs":{"y":100},"fallback":{"model":"loan","version":"0""#))
  }
}
