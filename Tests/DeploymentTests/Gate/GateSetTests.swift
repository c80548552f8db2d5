import Deployment
import Domain
import Synchronization
import Testing

/// The two sets of a release before the gate.
struct GateSetTests {
  @Test func `P3: a release that does what it says passes, with all figures`() throws {
    let report = try GateBench().all(against: GateBench(version: "1"))
    #expect(report.refusal == nil && report.hasPassed && !report.isUngated)
    #expect(report.endToEnd == .init(rows: 1))
    #expect(report.confidence?.value == 1 && report.confidence?.rows == 20)
    #expect(report.comparison?.version == "1" && report.comparison?.metric == 1)
    #expect(report.resources?.rowMicroseconds ?? 0 > 0 && report.resources?.liveRowMicroseconds ?? 0 > 0)
    #expect(report.resources?.requestMilliseconds ?? 0 > 0)
  }

  @Test func `P3: a guard does not hide what a release makes, and one that withholds every row refuses it`() throws {
    var bench = GateBench()
    bench.manifest.answerGuard = AnswerGuard(
      confidence: ConfidenceRule(column: "score", isBinary: true, minimum: 0.9))
    let report = try bench.all()
    #expect(report.hasPassed, "\(String(describing: report.refusal))")
    // Ages from 15 to 85 are scored between 0.15 and 0.85.
    #expect(report.confidence?.withheldRows == 15 && report.confidence?.value == 1)
    for action in GuardAction.allCases where action != .alternatives {
      bench.manifest.answerGuard?.confidence?.below = action
      #expect(try bench.all().hasPassed, "\(action)")
      #expect(try bench.all().confidence?.withheldRows == 15, "\(action)")
    }
    bench.manifest.answerGuard?.confidence?.below = .abstain
    bench.manifest.answerGuard?.confidence?.minimum = 1
    bench.confidence = GateBench.rows((1..<20).map { (Float($0 * 5), $0 >= 10 ? "yes" : "no", "FL") })
    let refused = try bench.all()
    #expect(refused.refusal?.reason == .metricOutOfRange)
    #expect(refused.refusal?.message.contains("the guard withholds the answers to all 19 rows") == true)
  }

  @Test(arguments: [true, false])
  func `P4: sets that could not be read refuse as their refusal says, for now or for good`(mayRetry: Bool) throws {
    var bench = GateBench()
    bench.failure = Refusal(.digestMismatch, "e.jsonl: cannot be read", mayRetry: mayRetry)
    #expect(try bench.sets().refusal == bench.failure)
    #expect(try bench.all().refusal == bench.failure)
  }

  @Test func `P3: the sets alone are run without comparison and without measuring`() throws {
    let report = try GateBench().sets()
    #expect(report.hasPassed && report.comparison == nil && report.resources == nil)
    #expect(report.endToEnd?.rows == 1 && report.confidence?.value == 1)
  }

  @Test(arguments: [(0.5, true), (0.75, true), (0.25, true), (0.76, false), (0.24, false)])
  func `P3: a number may be off by exactly its tolerance`(expected: Double, passes: Bool) throws {
    var bench = GateBench()
    bench.endToEnd = #"{"inputs":{"age":50},"outputs":{"score":\#(expected)}}"#
    bench.manifest.endToEndSet?.absoluteTolerance = 0.25
    let report = try bench.sets()
    #expect(report.hasPassed == passes)
    if !passes {
      #expect(report.refusal?.reason == .endToEndFailed)
      #expect(
        report.refusal?.message
          == "1 of 1 row failed; the first, e.jsonl:1: score is 0.5, expected \(Double(Float(expected)))")
    }
  }

  @Test func `P3: the relative tolerance is a share of what is expected`() throws {
    var bench = GateBench()
    bench.endToEnd = #"{"inputs":{"age":75},"outputs":{"score":0.5}}"#
    bench.manifest.endToEndSet?.relativeTolerance = 0.5
    #expect(try bench.sets().hasPassed)
    bench.endToEnd = #"{"inputs":{"age":76},"outputs":{"score":0.5}}"#
    #expect(try bench.sets().refusal?.reason == .endToEndFailed)
  }

  @Test func `P3: one row of many that is wrong refuses, and is named with its line`() throws {
    var bench = GateBench()
    bench.manifest.endToEndSet?.relativeTolerance = 1e-6
    bench.endToEnd = (1...40).map {
      #"{"inputs":{"age":\#($0)},"outputs":{"score":\#(Double($0) / 100),"label":"\#($0 == 33 ? "yes" : "no")"}}"#
    }.joined(separator: "\n")
    let report = try bench.sets()
    #expect(report.endToEnd?.rows == 40 && report.endToEnd?.failedRows == 1)
    #expect(report.endToEnd?.failures == [.init(line: 33, output: "label", expected: #""yes""#, found: #""no""#)])
    #expect(
      report.refusal
        == Refusal(
          .endToEndFailed, #"1 of 40 rows failed; the first, e.jsonl:33: label is "no", expected "yes""#))
    // What comes after is run nevertheless.
    #expect(report.confidence?.value == 1)
  }

  @Test func `P3: a row with several wrong outputs is one failed row, and each output is shown`() throws {
    var bench = GateBench()
    bench.endToEnd += "\n" + #"{"inputs":{"age":50},"outputs":{"label":"no","score":0.25}}"#
    let report = try bench.sets()
    #expect(report.endToEnd?.rows == 2 && report.endToEnd?.failedRows == 1)
    #expect(
      report.endToEnd?.failures == [
        .init(line: 2, output: "label", expected: #""no""#, found: #""yes""#),
        .init(line: 2, output: "score", expected: "0.25", found: "0.5"),
      ])
  }

  @Test func `P3: a row that is answered with an error fails, and few of many are shown`() throws {
    var bench = GateBench()
    bench.endToEnd = Array(repeating: #"{"inputs":{},"outputs":{"score":0}}"#, count: 600).joined(separator: "\n")
    let report = try bench.sets()
    #expect(report.refusal?.reason == .endToEndFailed)
    #expect(report.endToEnd?.failedRows == 600 && report.endToEnd?.failures.count == Limits.gateFailuresShown)
    #expect(report.endToEnd?.failures.first?.output == nil)
    #expect(report.refusal?.message.hasPrefix("600 of 600 rows failed; the first, e.jsonl:1: missing_field: ") == true)
  }

  @Test func `P3: a stage that answers differently each time is refused`() throws {
    let calls = Mutex(0)
    let stage = GateStage { age in
      (
        age / 100
          + calls.withLock { calls in
            calls += 1; return Float(calls % 7) / 1000
          }, "no"
      )
    }
    var bench = GateBench(stage: stage)
    bench.endToEnd = (0..<5).map { _ in #"{"inputs":{"age":40},"outputs":{"score":0.4}}"# }.joined(separator: "\n")
    #expect(try bench.sets().refusal?.reason == .endToEndFailed)
  }

  @Test(arguments: [
    (0.0...0.5, "roc_auc is 1 on 20 rows, acceptable is 0 to 0.5"),
    (1.5...2, "roc_auc is 1 on 20 rows, acceptable is 1.5 to 2"),
  ])
  func `P3: a metric above or below its range refuses`(range: ClosedRange<Double>, message: String) throws {
    var bench = GateBench()
    bench.change { $0.acceptableRange = range }
    #expect(try bench.sets().refusal == Refusal(.metricOutOfRange, message))
  }

  @Test func `P3: a metric that misses its bound by little is not written as if it met it`() throws {
    var bench = GateBench()
    bench.change { $0.acceptableRange = 1.000_000_01...2 }
    #expect(try bench.sets().refusal?.message == "roc_auc is 1.0 on 20 rows, acceptable is 1.00000001 to 2")
    bench.change { $0.acceptableRange = 0.999...0.999_999_99 }
    #expect(try bench.sets().refusal?.message == "roc_auc is 1.0 on 20 rows, acceptable is 0.999 to 0.99999999")
  }

  @Test func `P3: the operator's floor holds for releases that are judged by its metric`() throws {
    var bench = GateBench(stage: .threshold(0.7))
    bench.change { ($0.metric, $0.prediction, $0.acceptableRange) = (.accuracy, "label", 0...1) }
    bench.policy.minimum = [.accuracy: 0.9, .rocAUC: 2]
    let report = try bench.sets()
    #expect(report.confidence?.value == 0.8 && report.confidence?.operatorMinimum == 0.9)
    #expect(
      report.refusal
        == Refusal(.metricOutOfRange, "accuracy is 0.8 on 20 rows, this worker's operator asks for at least 0.9"))
    bench.policy.minimum = [.accuracy: 0.8]
    #expect(try bench.sets().hasPassed)
    bench.policy.minimum = [.rocAUC: 2]
    let other = try bench.sets()
    #expect(other.hasPassed && other.confidence?.operatorMinimum == nil)
  }

  @Test func `P3: the operator's bound is a ceiling where less is better`() throws {
    var bench = GateBench()
    bench.change { ($0.metric, $0.acceptableRange) = (.brier, 0...1) }
    bench.policy.minimum = [.brier: 0.01]
    let value = try #require(try bench.sets().confidence?.value)
    #expect(try bench.sets().refusal?.message.hasSuffix("asks for at most 0.01") == true)
    bench.policy.minimum = [.brier: value]
    #expect(try bench.sets().hasPassed)
  }

  @Test func `P3: a confidence set with a row that gets an error has no figure and refuses`() throws {
    var bench = GateBench()
    bench.confidence += "\n" + GateBench.rows([(200, "yes", "FL")])
    let report = try bench.all()
    #expect(report.refusal?.reason == .metricOutOfRange)
    #expect(report.confidence?.value == nil && report.confidence?.failedRows == 1 && report.confidence?.rows == 21)
    #expect(report.confidence?.failures.first?.line == 21)
    #expect(report.refusal?.message.contains("c.jsonl:21: out_of_range: ") == true)
    #expect(report.resources?.rowMicroseconds != nil)
  }

  @Test func `P3: a stage that fails for a row refuses, and its neighbours count as answered`() throws {
    let stage = GateStage { age throws(StageFailure) in
      if age == 40 { throw StageFailure(message: "no forties") }
      return (age / 100, age >= 50 ? "yes" : "no")
    }
    let report = try GateBench(stage: stage).all()
    #expect(report.refusal?.reason == .endToEndFailed)
    #expect(report.refusal?.message.hasSuffix("model_failed: no forties") == true)
    #expect(report.confidence?.failedRows == 1)
  }

  @Test func `P3: a score that is no number is an error like any other`() throws {
    let stage = GateStage { age in (age == 40 ? .nan : age / 100, "no") }
    let report = try GateBench(stage: stage).sets()
    #expect(report.endToEnd?.failures.first?.found.hasPrefix("output_rejected: score") == true)
  }

  @Test func `P3: a metric that is not defined on the rows refuses`() throws {
    var bench = GateBench()
    bench.confidence = GateBench.rows([(10, "no", "FL"), (20, "no", "FL")])
    #expect(
      try bench.sets().refusal
        == Refusal(.metricOutOfRange, "roc_auc is not defined on 2 rows, acceptable is 0.9 to 1"))
  }

  // MARK: Sets that are not there

  @Test func `P3: a release without sets is refused if the policy requires them`() throws {
    var bench = GateBench()
    bench.manifest.endToEndSet = nil
    let one = try bench.all()
    #expect(
      one.refusal
        == Refusal(.noTestSets, "the manifest declares no end_to_end_set, and the gate's policy requires both"))
    #expect(one.confidence?.value == 1 && !one.isUngated)
    bench.manifest.confidenceSet = nil
    let both = try bench.all(against: GateBench(version: "1"))
    #expect(both.refusal?.message.contains("no end_to_end_set and no confidence_set") == true)
    #expect(both.resources == .init())
    #expect(both.comparison?.note == "there is no confidence set to compare on")
  }

  @Test func `P3: a release without sets is ungated if the policy lets it`() throws {
    var bench = GateBench()
    bench.policy.isRequired = false
    #expect(try !bench.sets().isUngated)
    bench.manifest.endToEndSet = nil
    bench.manifest.confidenceSet = nil
    #expect(try bench.sets() == GateReport(isUngated: true))
  }

  @Test func `P3: the one set that is there must pass also where none is required`() throws {
    var bench = GateBench()
    bench.policy.isRequired = false
    bench.manifest.endToEndSet = nil
    bench.change { $0.acceptableRange = 0...0.5 }
    let report = try bench.sets()
    #expect(report.isUngated && report.refusal?.reason == .metricOutOfRange)
  }

  @Test(arguments: [
    "", "\n\n", "{", #"{"inputs":{"age":1}}"#, #"{"inputs":{"height":1},"label":"no","outputs":{"score":0}}"#,
  ])
  func `P3: a set that is empty, malformed or of other columns is no test set`(text: String) throws {
    var bench = GateBench()
    bench.policy.isRequired = false
    bench.confidence = text
    let report = try bench.all()
    #expect(report.refusal?.reason == .noTestSets && report.refusal?.message.hasPrefix("c.jsonl") == true)
    #expect(report.endToEnd == .init(rows: 1) && report.confidence == nil)
    (bench.confidence, bench.endToEnd) = (bench.endToEnd, text)
    #expect(try bench.all().refusal?.message.hasPrefix("e.jsonl") == true)
  }

  @Test func `P3: a set that has changed on disk refuses with what was found`() throws {
    var bench = GateBench()
    bench.failure = Refusal(.digestMismatch, "e.jsonl: expected sha256:a, found sha256:b")
    let report = try bench.all()
    #expect(report.refusal == bench.failure)
    #expect(report.endToEnd == nil && report.confidence == nil)
  }
}
