import Domain
import Wire

/// Whether a release is as good as it says, and as its operator asks.
struct ConfidenceCheck {
  /// The figures, without slices.
  private(set) var figures: GateReport.Confidence
  /// What the metric was computed of; nil if rows failed.
  let input: MetricInput?
  /// `metric_out_of_range`; nil if the metric is where it must be.
  private(set) var refusal: Refusal?

  /// Judges the answers to a set.
  init(
    _ set: ConfidenceSet, rows: [ConfidenceRow], answers: LabelledAnswers, policy: GatePolicy
  ) {
    input = answers.input(set, rows)
    let value = input.flatMap { set.metric.value(of: $0, average: set.average) }
    figures = GateReport.Confidence(
      metric: set.metric, value: value, acceptableRange: set.acceptableRange,
      operatorMinimum: policy.minimum[set.metric], rows: rows.count, failedRows: answers.failedRows,
      failures: answers.failures, withheldRows: answers.withheldRows)
    refusal = problem(set, abstainedRows: answers.abstainedRows).map { Refusal(.metricOutOfRange, $0) }
  }

  private func problem(_ set: ConfidenceSet, abstainedRows: Int) -> String? {
    let (name, rows) = (set.metric.rawValue, FigureText.rows(figures.rows))
    if let first = figures.failures.first {
      return "\(figures.failedRows) of \(rows) got no answer, so that there is no \(name); "
        + "the first, \(set.file):\(first.line): \(first.found)"
    }
    guard let value = figures.value else {
      return "\(name) is not defined on \(rows), acceptable is \(FigureText.range(set.acceptableRange))"
    }
    if abstainedRows == figures.rows, figures.rows > 0 {
      return "the guard withholds the answers to all \(rows): nothing would be answered; correct the manifest's guard"
    }
    let range = set.acceptableRange
    guard range.contains(value) else {
      let figure = FigureText.number(value, besides: range.lowerBound, range.upperBound)
      return "\(name) is \(figure) on \(rows), acceptable is \(FigureText.range(range, besides: value))"
    }
    guard let bound = figures.operatorMinimum else { return nil }
    if set.metric.isHigherBetter ? value >= bound : value <= bound { return nil }
    return "\(name) is \(FigureText.number(value, besides: bound)) on \(rows), this worker's operator asks for at "
      + "\(set.metric.isHigherBetter ? "least" : "most") \(FigureText.number(bound, besides: value))"
  }
}
