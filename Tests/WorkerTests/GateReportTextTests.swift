import Domain
import Testing

@testable import understudy

/// A gate's report as people read it.
struct GateReportTextTests {
  static let refused: GateReport = {
    var report = GateReport()
    report.endToEnd = .init(
      rows: 24, failedRows: 1, failures: [.init(line: 7, output: "label", expected: #""yes""#, found: #""no""#)])
    report.confidence = .init(
      metric: .rocAUC, value: 0.9312, acceptableRange: 0.95...1, operatorMinimum: 0.9, rows: 170,
      slices: [
        .init(input: "state", value: #""TX""#, rows: 60, metric: 0.5, isJudged: true),
        .init(input: "state", value: #""AK""#, rows: 3, metric: nil, isJudged: false),
      ],
      gaps: [
        .init(input: "state", judgedSlices: 1, slices: 2, gap: nil, maximumGap: 0.05, acceptableRange: 0.9...1)
      ])
    var comparison = GateReport.Comparison(version: "1.0.0")
    (comparison.metric, comparison.cost, comparison.liveCost) = (0.97, 40, 20)
    (comparison.maximumCostRatio, comparison.note) = (1.5, "because")
    report.comparison = comparison
    var resources = GateReport.Resources()
    (resources.rowMicroseconds, resources.liveRowMicroseconds, resources.maximumSlowdown) = (1.5, 1.25, 3)
    (resources.requestMilliseconds, resources.peakBytes) = (0.12345, 123_456_789)
    report.resources = resources
    report.refusal = Refusal(.endToEndFailed, "1 of 24 rows failed")
    return report
  }()

  @Test func `P3: the verdict comes first, then every figure with its bound`() {
    let expected = """
      loan 2: refused: end_to_end_failed: 1 of 24 rows failed

      CHECK                      FIGURE                              ACCEPTABLE
      end-to-end set             1 of 24 rows failed                 0 failed         FAILED
      roc_auc                    0.9312 on 170 rows                  0.95 to 1        FAILED
      roc_auc, operator's bound  0.9312                              at least 0.9     ok
      slices by state            worst 0.5, 1 of 2 slices judged     0.9 to 1         FAILED
      gap by state               1 of 2 slices judged                at most 0.05     not judged
      roc_auc of 1.0.0           0.97                                any              not judged
      cost of errors             40, 1.0.0: 20                       at most 30       FAILED
      time of a row              1.5 µs, 1.0.0: 1.25 µs              at most 3.75 µs  ok
      time of a request          0.123 ms                            any              not judged
      memory at most             123 MB                              any              not judged

      SLICE  VALUE  ROWS  ROC_AUC
      state  "TX"   60    0.5
      state  "AK"   3     not defined  not judged

      FAILED IN   LINE  OUTPUT  EXPECTED  FOUND
      end-to-end  7     label   "yes"     "no"

      not compared: because
      """
    // Columns are as wide as their widest cell: compared without counting blanks.
    func words(_ text: String) -> [[Substring]] {
      text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.split(separator: " ") }
    }
    #expect(words(GateReportText(Self.refused, release: "loan 2").text) == words(expected))
  }

  @Test func `P3: a report without figures is its verdict`() {
    #expect(GateReportText(GateReport(), release: "loan 2").text == "loan 2: passed")
    #expect(
      GateReportText(GateReport(isUngated: true), release: "loan 2").text
        == "loan 2: passed ungated: it lacks a test set, and the policy lets it through")
  }

  @Test func `P3: what has no figure is no success`() {
    var report = GateReport()
    report.confidence = .init(metric: .brier, value: nil, acceptableRange: 0...1, operatorMinimum: 0.5, rows: 2)
    let text = GateReportText(report, release: "loan 2").text
    #expect(text.contains("brier                    not defined on 2 rows  0 to 1       FAILED"))
    #expect(text.contains("brier, operator's bound  not defined            at most 0.5  FAILED"))
  }

  @Test(arguments: [
    ("roc_auc=0.9", Metric?.some(.rocAUC), 0.9), ("rmse=12", .rmse, 12), ("auc=0.9", nil, 0), ("roc_auc", nil, 0),
    ("roc_auc=", nil, 0), ("roc_auc=nan", nil, 0), ("roc_auc=0.9=1", nil, 0), ("", nil, 0),
  ])
  func `an operator's bound is a metric and a number`(text: String, metric: Metric?, bound: Double) {
    let found = try? MetricBound(argument: text)
    #expect(found?.metric == metric)
    if metric != nil { #expect(found?.bound == bound) }
  }
}
