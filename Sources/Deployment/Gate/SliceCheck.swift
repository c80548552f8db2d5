import Domain
import Wire

/// Whether a release serves every kind of rows well: the metric for each value of an input.
struct SliceCheck {
  /// Those that are judged first, and of them the worst first.
  private(set) var slices: [GateReport.Slice] = []
  private(set) var gaps: [GateReport.Gap] = []
  /// `uneven_errors`; nil if no slice is out of its range and no gap too wide.
  private(set) var refusal: Refusal?
  private let metric: Metric

  /// Judges the rows of each slice that a set declares.
  init(_ set: ConfidenceSet, rows: [ConfidenceRow], input: MetricInput) {
    metric = set.metric
    for (position, declared) in set.slices.enumerated() {
      let found = Self.slices(declared, position, set, rows, input)
      let judged = found.filter(\.isJudged).compactMap(\.metric)
      let gap = judged.count > 1 ? (judged.max() ?? 0) - (judged.min() ?? 0) : nil
      gaps.append(
        GateReport.Gap(
          input: declared.input, judgedSlices: judged.count, slices: found.count, gap: gap,
          maximumGap: declared.maximumGap, acceptableRange: declared.acceptableRange))
      let sorted = found.sorted(by: precedes)
      if refusal == nil { refusal = problem(declared, sorted, gap).map { Refusal(.unevenErrors, $0) } }
      slices += sorted
    }
    slices = Array(slices.sorted(by: precedes).prefix(Limits.gateSlicesShown))
  }

  private static func slices(
    _ declared: ConfidenceSet.Slice, _ position: Int, _ set: ConfidenceSet, _ rows: [ConfidenceRow],
    _ input: MetricInput
  ) -> [GateReport.Slice] {
    Dictionary(grouping: rows.indices) { rows[$0].slices[position] }.map { value, members in
      let metric = set.metric.value(of: input.rows(members), average: set.average)
      return GateReport.Slice(
        input: declared.input, value: value.shortened(toBytes: Limits.gateValueBytes), rows: members.count,
        metric: metric, isJudged: metric != nil && members.count >= declared.minimumRows)
    }
  }

  private func precedes(_ one: GateReport.Slice, _ other: GateReport.Slice) -> Bool {
    if one.isJudged != other.isJudged { return one.isJudged }
    let worst = metric.isHigherBetter ? Double.infinity : -.infinity
    let (value, otherValue) = (one.metric ?? worst, other.metric ?? worst)
    if value != otherValue { return metric.isHigherBetter ? value < otherValue : value > otherValue }
    return (one.input, one.value) < (other.input, other.value)
  }

  private func problem(
    _ declared: ConfidenceSet.Slice, _ slices: [GateReport.Slice], _ gap: Double?
  ) -> String? {
    let judged = slices.filter(\.isJudged)
    if let range = declared.acceptableRange,
      let slice = judged.first(where: { $0.metric.map { !range.contains($0) } ?? false })
    {
      return "\(text(slice)), acceptable is \(FigureText.range(range))"
    }
    guard let maximum = declared.maximumGap, let gap, gap > maximum, let worst = judged.first, let best = judged.last
    else { return nil }
    return "\(text(worst)), and \(text(best)): \(FigureText.number(gap)) apart, at most \(FigureText.number(maximum)) "
      + "is acceptable"
  }

  private func text(_ slice: GateReport.Slice) -> String {
    "\(metric.rawValue) is \(slice.metric.map(FigureText.number) ?? "not defined") where \(slice.input) is "
      + "\(slice.value) (\(FigureText.rows(slice.rows)))"
  }
}
