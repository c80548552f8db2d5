import Deployment
import Domain
import Wire

/// A gate's report for people: the verdict, one table of checks with figures and bounds, then slices and failing rows.
struct GateReportText {
  private let report: GateReport
  /// Such as `car-loan 2026.11.1`.
  private let release: String

  init(_ report: GateReport, release: String) {
    self.report = report
    self.release = release
  }

  var text: String {
    ([verdict] + [checks, slices, failures, notes].compactMap(\.self).map { "\n" + $0 }).joined(separator: "\n")
  }

  /// One line.
  var verdict: String {
    if let refusal = report.refusal { return "\(release): refused: \(refusal)" }
    return report.isUngated
      ? "\(release): passed ungated: it lacks a test set, and the policy lets it through"
      : "\(release): passed"
  }

  // MARK: Checks

  private var checks: String? {
    var table = TextTable("check", "figure", "acceptable", "")
    var isEmpty = true
    func add(_ check: String, _ figure: String, _ acceptable: String, _ isGood: Bool?) {
      isEmpty = false
      table.add(check, figure, acceptable, isGood.map { $0 ? "ok" : "FAILED" } ?? "not judged")
    }
    if let set = report.endToEnd {
      add(
        "end-to-end set", "\(set.failedRows) of \(FigureText.rows(set.rows)) failed", "0 failed", set.failedRows == 0)
    }
    if let set = report.confidence { Self.add(set, add) }
    for gap in report.confidence?.gaps ?? [] { Self.add(gap, report.confidence, add) }
    if let comparison = report.comparison { Self.add(comparison, report.confidence, add) }
    if let resources = report.resources { Self.add(resources, report.comparison?.version, add) }
    return isEmpty ? nil : table.text
  }

  private typealias Add = (_ check: String, _ figure: String, _ acceptable: String, _ isGood: Bool?) -> Void

  private static func add(_ set: GateReport.Confidence, _ add: Add) {
    let figure =
      set.failedRows > 0
      ? "\(set.failedRows) of \(FigureText.rows(set.rows)) failed"
      : "\(set.value.map(FigureText.number) ?? "not defined") on \(FigureText.rows(set.rows))"
    add(
      set.metric.rawValue, figure, FigureText.range(set.acceptableRange),
      set.value.map(set.acceptableRange.contains) ?? false)
    if set.withheldRows > 0 {
      add(
        "guard", "\(set.withheldRows) of \(FigureText.rows(set.rows)) withheld or marked", "", nil)
    }
    guard let bound = set.operatorMinimum else { return }
    add(
      "\(set.metric.rawValue), operator's bound", set.value.map(FigureText.number) ?? "not defined",
      "at \(set.metric.isHigherBetter ? "least" : "most") \(FigureText.number(bound))",
      set.value.map { set.metric.isHigherBetter ? $0 >= bound : $0 <= bound } ?? false)
  }

  private static func add(_ gap: GateReport.Gap, _ set: GateReport.Confidence?, _ add: Add) {
    let judged = "\(gap.judgedSlices) of \(gap.slices) slices judged"
    if let range = gap.acceptableRange {
      let worst = set?.slices.first { $0.input == gap.input && $0.isJudged }?.metric
      let isGood = set?.slices.allSatisfy { slice in
        slice.input != gap.input || !slice.isJudged || slice.metric.map(range.contains) ?? true
      }
      add(
        "slices by \(gap.input)", "\(worst.map { "worst \(FigureText.number($0)), " } ?? "")\(judged)",
        FigureText.range(range), worst == nil ? nil : isGood)
    }
    add(
      "gap by \(gap.input)", gap.gap.map { "\(FigureText.number($0)), \(judged)" } ?? judged,
      gap.maximumGap.map { "at most \(FigureText.number($0))" } ?? "any",
      gap.gap.flatMap { found in gap.maximumGap.map { found <= $0 } })
  }

  private static func add(_ comparison: GateReport.Comparison, _ set: GateReport.Confidence?, _ add: Add) {
    let version = comparison.version
    if let metric = comparison.metric, let set {
      add("\(set.metric.rawValue) of \(version)", FigureText.number(metric), "any", nil)
    }
    guard let cost = comparison.cost else { return }
    let live = comparison.liveCost
    let bound = live.flatMap { live in comparison.maximumCostRatio.map { $0 * live } }
    add(
      "cost of errors", FigureText.number(cost) + (live.map { ", \(version): \(FigureText.number($0))" } ?? ""),
      bound.map { "at most \(FigureText.number($0))" } ?? "any", bound.map { cost <= $0 })
  }

  private static func add(_ resources: GateReport.Resources, _ version: String?, _ add: Add) {
    if let time = resources.rowMicroseconds {
      let live = resources.liveRowMicroseconds
      let bound = live.flatMap { live in resources.maximumSlowdown.map { $0 * live } }
      add(
        "time of a row",
        "\(FigureText.time(time)) µs" + (live.map { ", \(version ?? "live"): \(FigureText.time($0)) µs" } ?? ""),
        bound.map { "at most \(FigureText.time($0)) µs" } ?? "any", bound.map { time <= $0 })
    }
    if let time = resources.requestMilliseconds {
      add(
        "time of a request", "\(FigureText.time(time)) ms",
        resources.deadlineMilliseconds.map { "at most \(FigureText.number($0)) ms" } ?? "any",
        resources.deadlineMilliseconds.map { time <= $0 })
    }
    if let bytes = resources.peakBytes { add("memory at most", byteText(bytes), "any", nil) }
  }

  // MARK: Slices and rows

  private var slices: String? {
    guard let set = report.confidence, !set.slices.isEmpty else { return nil }
    var table = TextTable("slice", "value", "rows", set.metric.rawValue, "")
    for slice in set.slices {
      table.add(
        slice.input, slice.value, String(slice.rows), slice.metric.map(FigureText.number) ?? "not defined",
        slice.isJudged ? "" : "not judged")
    }
    return table.text
  }

  private var failures: String? {
    let all =
      (report.endToEnd?.failures ?? []).map { ("end-to-end", $0) }
      + (report.confidence?.failures ?? []).map { ("confidence", $0) }
    guard !all.isEmpty else { return nil }
    var table = TextTable("failed in", "line", "output", "expected", "found")
    for (set, failure) in all {
      table.add(set, String(failure.line), failure.output ?? "-", failure.expected, failure.found)
    }
    return table.text
  }

  private var notes: String? { report.comparison?.note.map { "not compared: \($0)" } }
}
