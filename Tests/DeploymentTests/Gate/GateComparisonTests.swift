import Deployment
import Domain
import Testing

/// Slices, and costs against the live release.
struct GateComparisonTests {
  /// Errors by accuracy of the label, all values acceptable.
  private func bench(
    _ rows: [(age: Float, label: String, state: String)], version: String = "2", from score: Float = 0.5
  )
    -> GateBench
  {
    var bench = GateBench(version: version, stage: .threshold(score))
    bench.endToEnd = #"{"inputs":{"age":0},"outputs":{"label":"no"}}"#
    bench.change { ($0.metric, $0.prediction, $0.acceptableRange) = (.accuracy, "label", 0...1) }
    bench.confidence = GateBench.rows(rows)
    return bench
  }

  /// FL: all of 10 right; TX: 6 of 10 right; AK: 3 rows, all wrong.
  private var uneven: [(age: Float, label: String, state: String)] {
    (0..<10).map { (Float($0), "no", "FL") } + (0..<10).map { (Float($0), $0 < 6 ? "no" : "yes", "TX") }
      + (0..<3).map { (Float($0), "yes", "AK") }
  }

  // MARK: Slices

  @Test func `P3: a slice that collapses refuses, whatever the whole says`() throws {
    var bench = bench(uneven)
    bench.change { $0.slices = [.init(input: "state", acceptableRange: 0.7...1, minimumRows: 10)] }
    let report = try bench.all()
    #expect(
      report.refusal
        == Refusal(.unevenErrors, #"accuracy is 0.6 where state is "TX" (10 rows), acceptable is 0.7 to 1"#))
    #expect(
      report.confidence?.slices == [
        .init(input: "state", value: #""TX""#, rows: 10, metric: 0.6, isJudged: true),
        .init(input: "state", value: #""FL""#, rows: 10, metric: 1, isJudged: true),
        .init(input: "state", value: #""AK""#, rows: 3, metric: 0, isJudged: false),
      ])
    #expect(
      report.confidence?.gaps == [
        .init(input: "state", judgedSlices: 2, slices: 3, gap: 0.4, maximumGap: nil, acceptableRange: 0.7...1)
      ])
  }

  @Test(arguments: [(0.4, true), (0.39, false)])
  func `P3: slices may lie apart as far as declared`(maximum: Double, passes: Bool) throws {
    var bench = bench(uneven)
    bench.change { $0.slices = [.init(input: "state", maximumGap: maximum, minimumRows: 10)] }
    let report = try bench.all()
    #expect(report.hasPassed == passes)
    if !passes {
      #expect(
        report.refusal?.message
          == #"accuracy is 0.6 where state is "TX" (10 rows), and accuracy is 1 where state is "FL" (10 rows): 0.4 apart, at most 0.39 is acceptable"#
      )
    }
  }

  @Test func `P3: slices of few rows are reported and not judged`() throws {
    var bench = bench(uneven)
    bench.change { $0.slices = [.init(input: "state", acceptableRange: 0.99...1, maximumGap: 0, minimumRows: 11)] }
    let report = try bench.all()
    #expect(report.hasPassed && report.confidence?.slices.count == 3)
    #expect(report.confidence?.slices.contains { $0.isJudged } == false)
    #expect(report.confidence?.gaps.first?.gap == nil)
  }

  @Test func `P3: a slice where the metric is not defined is not judged`() throws {
    var bench = GateBench()
    bench.change { $0.slices = [.init(input: "state", acceptableRange: 0.9...1, minimumRows: 1)] }
    bench.confidence += "\n" + GateBench.rows([(90, "yes", "TX"), (91, "yes", "TX")])
    let report = try bench.all()
    #expect(report.hasPassed)
    #expect(
      report.confidence?.slices.last
        == .init(input: "state", value: #""TX""#, rows: 2, metric: nil, isJudged: false))
  }

  @Test func `P3: rows without an optional input count for its default`() throws {
    var bench = bench(uneven)
    bench.confidence += "\n{\"inputs\":{\"age\":1},\"label\":\"no\"}"
    bench.change { $0.slices = [.init(input: "state", minimumRows: 1)] }
    #expect(try bench.all().confidence?.slices.contains { $0.value == #""NY""# && $0.rows == 1 } == true)
  }

  @Test func `P8: more slices than a report has room for are judged all the same`() throws {
    var rows = (0..<200).map { (age: Float(10), label: "no", state: "S\($0)") }
    rows.append((10, "yes", "bad"))
    var bench = bench(rows)
    bench.change { $0.slices = [.init(input: "state", acceptableRange: 0.5...1, minimumRows: 1)] }
    let report = try bench.all()
    #expect(report.refusal?.message.contains(#"state is "bad""#) == true)
    #expect(report.confidence?.slices.count == Limits.gateSlicesShown)
    #expect(report.confidence?.slices.first?.value == #""bad""#)
    #expect(report.confidence?.gaps.first?.slices == 201)
  }

  // MARK: Costs

  /// Ages 40 and 60, each in both classes.
  private var mixed: [(age: Float, label: String, state: String)] {
    [(40, "no", "FL"), (40, "yes", "FL"), (60, "no", "FL"), (60, "yes", "FL"), (0, "no", "FL")]
  }

  private let cost = ["yes": ["no": 20.0], "no": ["yes": 1.0]]

  @Test func `P3: errors may cost what the live release's cost, and no more than declared`() throws {
    // Live calls both 60s positive: costs 20 + 1. This one calls none: costs 20 + 20.
    let live = bench(mixed, version: "1")
    var new = bench(mixed, from: 0.7)
    new.change { ($0.cost, $0.maximumCostRatio) = (cost, 1.5) }
    let report = try new.all(against: live)
    #expect(report.comparison?.cost == 40 && report.comparison?.liveCost == 21)
    #expect(report.comparison?.metric == 0.6)
    #expect(
      report.refusal
        == Refusal(
          .costlierErrors, "errors cost 40 on 5 rows, those of 1 21; acceptable is 1.5 times that, 31.5"))
    new.change { $0.maximumCostRatio = 40.0 / 21 }
    #expect(try new.all(against: live).hasPassed)
    #expect(try new.all().comparison == nil)
  }

  @Test func `P3: a row's own cost stands above the matrix`() throws {
    let live = bench(mixed, version: "1")
    var new = bench(mixed, from: 0.7)
    new.change { $0.cost = cost }
    // The positive at 60, which only the live release gets right, matters little here.
    let lines = new.confidence.split(separator: "\n").enumerated()
    new.confidence = lines.map { $0 == 3 ? $1.dropLast() + #","cost":0.5}"# : String($1) }.joined(separator: "\n")
    let report = try new.all(against: live)
    #expect(report.comparison?.cost == 20.5 && report.comparison?.liveCost == 21)
    #expect(report.hasPassed)
    // Costs of rows alone are costs.
    new.change { $0.cost = [:] }
    let alone = try new.all(against: live)
    #expect(alone.comparison?.cost == 0.5 && alone.comparison?.liveCost == 0)
    #expect(alone.refusal?.reason == .costlierErrors)
  }

  @Test func `P3: without an output that holds the class, one half decides`() throws {
    func half(_ version: String, _ shift: Float) -> GateBench {
      var bench = GateBench(version: version, stage: GateStage { age in ((age + shift) / 100, "") })
      bench.manifest.outputs.removeLast()
      bench.endToEnd = #"{"inputs":{"age":0},"outputs":{"score":\#(shift / 100)}}"#
      bench.change { ($0.acceptableRange, $0.cost) = (0...1, cost) }
      bench.confidence = GateBench.rows(mixed)
      return bench
    }
    let report = try half("2", 10).all(against: half("1", 0))
    // 40 + 10 is one half: called positive.
    #expect(report.comparison?.cost == 2 && report.comparison?.liveCost == 21)
    #expect(report.hasPassed)
  }

  @Test func `P3: without costs only the metrics stand side by side`() throws {
    let report = try bench(mixed, from: 0.7).all(against: bench(mixed, version: "1"))
    #expect(report.hasPassed && report.comparison?.cost == nil && report.comparison?.maximumCostRatio == nil)
    #expect(report.comparison?.metric == 0.6 && report.confidence?.value == 0.6)
  }

  @Test func `P3: a live release that cannot answer the set is no measure, and the report says why`() throws {
    var new = bench(mixed, from: 0.7)
    new.change { $0.cost = cost }
    var live = bench(mixed, version: "1")
    live.manifest.inputs.append(InputSpecification(column: .init(name: "income", datatype: .float32)))
    let missing = try new.all(against: live)
    #expect(missing.hasPassed && missing.comparison?.liveCost == nil && missing.comparison?.cost == 40)
    #expect(
      missing.comparison?.note?.hasPrefix("loan 1 cannot answer 5 of 5 rows; the first, c.jsonl:1: missing_field: ")
        == true)
    #expect(missing.resources?.liveRowMicroseconds == nil && missing.resources?.rowMicroseconds != nil)

    live = bench(mixed, version: "1")
    live.manifest.outputs.removeLast()
    #expect(try new.all(against: live).comparison?.note == "loan 1 has no output label")
  }

  @Test func `P3: of several failures the first is the refusal, and the figures show all`() throws {
    var new = bench(mixed, from: 0.7)
    new.endToEnd = #"{"inputs":{"age":0},"outputs":{"label":"yes"}}"#
    new.change {
      ($0.acceptableRange, $0.cost) = (0.9...1, cost)
      $0.slices = [.init(input: "state", acceptableRange: 0.9...1, minimumRows: 1)]
    }
    let reasons: [RefusalReason] = [.endToEndFailed, .metricOutOfRange, .costlierErrors, .unevenErrors]
    let live = bench(mixed, version: "1")
    for (number, reason) in reasons.enumerated() {
      if number == 1 { new.endToEnd = #"{"inputs":{"age":0},"outputs":{"label":"no"}}"# }
      if number == 2 { new.change { $0.acceptableRange = 0...1 } }
      if number == 3 { new.change { $0.maximumCostRatio = 2 } }
      let report = try new.all(against: live)
      #expect(report.refusal?.reason == reason)
      #expect(report.comparison?.cost == 40 && report.confidence?.slices.count == 1)
      #expect(report.resources?.rowMicroseconds != nil)
    }
  }
}
