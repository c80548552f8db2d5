import Deployment
import Domain
import TestSupport
import Testing
import Wire

/// Whatever a release holds and does, the gate comes to a verdict.
struct GateHostileTests {
  private func verdict(_ bench: GateBench) throws -> GateReport {
    let report = try bench.all(against: GateBench(version: "1"))
    // Also what hostile content makes of a report can be kept and passed on.
    #expect(GateReportCodec().decode(GateReportCodec().encode(report)) == report)
    return report
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `P3: sets with any byte changed are refused or judged, never more`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let bytes = Array(#"{}[]",:\0123456789.eE-+ntf "#.utf8) + [0, 10, 13, 0x7F, 0xC3, 0xA9, 0xFF]
    func changed(_ text: String) -> String {
      var result = Array(text.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<result.count, using: &random)
        let byte = bytes.randomElement(using: &random) ?? 0
        if Bool.random(using: &random) { result[place] = byte } else { result.insert(byte, at: place) }
      }
      return String(decoding: result, as: UTF8.self)
    }
    var refused = 0
    for _ in 0..<40 {
      var bench = GateBench()
      bench.change { $0.slices = [.init(input: "state", maximumGap: 0.1, minimumRows: 1)] }
      bench.endToEnd = changed(bench.endToEnd)
      bench.confidence = changed(bench.confidence)
      if try !verdict(bench).hasPassed { refused += 1 }
    }
    #expect(refused > 0, "seed \(seed)")
  }

  @Test(arguments: [Float.infinity, -.infinity, .nan, .greatestFiniteMagnitude, -.leastNonzeroMagnitude, 7])
  func `P3: scores that are none are refused by each metric of probabilities`(score: Float) throws {
    for metric in [Metric.logLoss, .brier] {
      var bench = GateBench(stage: GateStage { _ in (score, "no") })
      bench.change { ($0.metric, $0.acceptableRange) = (metric, 0.0...1e300) }
      bench.endToEnd = #"{"inputs":{"age":1},"outputs":{"label":"no"}}"#
      let report = try verdict(bench)
      #expect(report.confidence?.value == nil && report.refusal != nil, "\(metric.rawValue)")
    }
  }

  @Test func `P3: labels of any text are judged`() throws {
    for label in ["", "\0", "\u{FFFD}\u{202E}", String(repeating: "é", count: 100_000), "\"}{\n"] {
      var bench = GateBench(stage: GateStage { age in (age / 100, label) })
      bench.change { ($0.metric, $0.prediction, $0.cost) = (.accuracy, "label", ["no": ["": 1]]) }
      bench.change { $0.slices = [.init(input: "state", maximumGap: 0.1, minimumRows: 1)] }
      #expect(try verdict(bench).refusal?.reason == .endToEndFailed)
    }
  }

  @Test func `P3: a stage that fails always is refused, and nothing is measured`() throws {
    let stage = GateStage { _ throws(StageFailure) in throw StageFailure(message: "never") }
    let report = try verdict(GateBench(stage: stage))
    #expect(report.refusal?.reason == .endToEndFailed && report.confidence?.failedRows == 20)
    #expect(report.resources?.rowMicroseconds == nil && report.resources?.requestMilliseconds == nil)
  }

  // MARK: Kinds of labels

  @Test func `P3: classes may be numbers, equal to numeric labels`() throws {
    var bench = GateBench(stage: GateStage { age in (age >= 50 ? 1 : 0, "") })
    bench.endToEnd = #"{"inputs":{"age":60},"outputs":{"score":1}}"#
    bench.change { ($0.metric, $0.positiveLabel) = (.f1, .int64(1)) }
    bench.confidence = #"""
      {"inputs":{"age":60},"label":1}
      {"inputs":{"age":70},"label":1.0}
      {"inputs":{"age":40},"label":0}
      {"inputs":{"age":80},"label":0}
      """#
    bench.change { $0.acceptableRange = 0.8...0.8 }
    #expect(try verdict(bench).confidence?.value == 0.8)
    bench.change { ($0.metric, $0.average, $0.positiveLabel) = (.recall, .macro, nil) }
    #expect(try verdict(bench).confidence?.value == 0.75)
  }

  @Test func `P3: predicted numbers are compared as they were made`() throws {
    var bench = GateBench()
    bench.endToEnd = #"{"inputs":{"age":10},"outputs":{"score":0.1}}"#
    bench.change { ($0.metric, $0.positiveLabel, $0.acceptableRange) = (.mae, nil, 0...1) }
    bench.confidence = #"{"inputs":{"age":10},"label":0.1}"#
    let report = try verdict(bench)
    // 0.1 as FP32 is a little more than 0.1.
    #expect(report.confidence?.value == Double(Float(0.1)) - 0.1)
    #expect(report.endToEnd?.failedRows == 0)
  }
}
