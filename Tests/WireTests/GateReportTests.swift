import Domain
import Testing
import Wire

/// Reports as text.
struct GateReportTests {
  static let full: GateReport = {
    var report = GateReport()
    report.endToEnd = .init(
      rows: 24, failedRows: 1, failures: [.init(line: 7, output: "p", expected: "0.5", found: "0.6")])
    report.confidence = .init(
      metric: .rocAUC, value: 0.9312, acceptableRange: 0.95...1, operatorMinimum: 0.9, rows: 170, failedRows: 2,
      failures: [.init(line: 1, output: nil, expected: "an answer", found: "missing_field: age")],
      slices: [
        .init(input: "state", value: #""FL""#, rows: 60, metric: 0.5, isJudged: true),
        .init(input: "state", value: "null", rows: 3, metric: nil, isJudged: false),
      ],
      gaps: [
        .init(input: "state", judgedSlices: 1, slices: 2, gap: 0.25, maximumGap: 0.05, acceptableRange: 0.9...1)
      ])
    var comparison = GateReport.Comparison(version: "1")
    (comparison.metric, comparison.cost, comparison.liveCost) = (0.97, 40, 20)
    (comparison.maximumCostRatio, comparison.note) = (1.05, "because")
    report.comparison = comparison
    var resources = GateReport.Resources()
    (resources.peakBytes, resources.rowMicroseconds, resources.liveRowMicroseconds) = (1 << 28, 1.5, 1.25)
    (resources.maximumSlowdown, resources.requestMilliseconds, resources.deadlineMilliseconds) = (3, 0.1, 50)
    report.resources = resources
    report.refusal = Refusal(.metricOutOfRange, "roc_auc is 0.9312 on 170 rows, acceptable is 0.95 to 1")
    return report
  }()

  @Test func `a report reads back as it was written`() {
    let codec = GateReportCodec()
    var passing = GateReport()
    passing.refusal = Refusal(.digestMismatch, "e.jsonl: cannot be read", mayRetry: true)
    for report in [Self.full, GateReport(), GateReport(isUngated: true), passing] {
      let text = codec.encode(report)
      #expect(!text.contains("\n"))
      #expect(codec.decode(text) == report)
    }
  }

  @Test func `a report's text is what programs read`() {
    let expected =
      #"{"outcome":"refused","reason":"metric_out_of_range","message":"roc_auc is 0.9312 on 170 rows, acceptable is 0.95 to 1","#
      + #""end_to_end":{"rows":24,"failed_rows":1,"failures":[{"line":7,"output":"p","expected":"0.5","found":"0.6"}]},"#
      + #""confidence":{"metric":"roc_auc","value":0.9312,"acceptable_range":[0.95,1],"operator_minimum":0.9,"rows":170,"failed_rows":2,"#
      + #""failures":[{"line":1,"expected":"an answer","found":"missing_field: age"}],"#
      + #""slices":[{"input":"state","value":"\"FL\"","rows":60,"metric":0.5,"judged":true},{"input":"state","value":"null","rows":3,"judged":false}],"#
      + #""gaps":[{"input":"state","slices":2,"judged_slices":1,"gap":0.25,"maximum_gap":0.05,"acceptable_range":[0.9,1]}]},"#
      + #""comparison":{"version":"1","metric":0.97,"cost":40,"live_cost":20,"maximum_cost_ratio":1.05,"note":"because"},"#
      + #""resources":{"peak_bytes":268435456,"row_us":1.5,"live_row_us":1.25,"maximum_slowdown":3,"request_ms":0.1,"deadline_ms":50}}"#
    #expect(GateReportCodec().encode(Self.full) == expected)
    #expect(GateReportCodec().encode(GateReport(isUngated: true)) == #"{"outcome":"passed","ungated":true}"#)
  }

  @Test(arguments: [
    "", "{}", "[]", "7", #"{"outcome":"refused"}"#, #"{"outcome":"refused","reason":"weather"}"#,
    #"{"outcome":"passed","end_to_end":{"rows":-1,"failed_rows":0}}"#,
    #"{"outcome":"passed","confidence":{"metric":"auc"}}"#,
    #"{"outcome":"passed","confidence":{"metric":"r2","acceptable_range":[1,0],"rows":1,"failed_rows":0}}"#,
  ])
  func `what is no report is none`(text: String) {
    #expect(GateReportCodec().decode(text) == nil)
  }

  @Test func `a report of an older build lacks fields and is read`() {
    let report = GateReportCodec().decode(
      #"{"outcome":"passed","resources":{},"comparison":{"version":"1"},"later":1}"#)
    #expect(report?.hasPassed == true && report?.resources == .init() && report?.comparison == .init(version: "1"))
  }

  @Test func `P8: a report has a bound, whatever was found`() {
    let long = String(repeating: "\u{1}é", count: 100_000)
    var report = GateReport()
    let failures = Array(
      repeating: GateReport.Failure(line: .max, output: "p", expected: long, found: long), count: 1000)
    report.endToEnd = .init(rows: .max, failedRows: .max, failures: failures)
    report.confidence = .init(
      metric: .rocAUC, value: nil, acceptableRange: 0...1, rows: 1, failures: failures,
      slices: Array(repeating: .init(input: "s", value: long, rows: 1, metric: nil, isJudged: false), count: 1000))
    report.comparison = .init(version: "1")
    report.comparison?.note = long
    report.refusal = Refusal(.noTestSets, long)
    let text = GateReportCodec().encode(report)
    #expect(text.utf8.count < 200_000)
    let read = GateReportCodec().decode(text)
    #expect(read?.endToEnd?.failures.count == Limits.gateFailuresShown)
    #expect(read?.confidence?.slices.count == Limits.gateSlicesShown)
  }
}
