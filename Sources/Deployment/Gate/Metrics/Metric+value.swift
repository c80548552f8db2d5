import Domain

extension Metric {
  /// The metric as scikit-learn 1.9 computes it, with `zero_division=0`, to 1e-9.
  /// - Returns: nil where it is not defined or not finite: no row, one class for `roc_auc`, one row for `r2`,
  ///   probabilities outside of 0 to 1, input of another kind.
  package func value(of input: MetricInput, average: Average = .binary) -> Double? {
    guard input.count > 0 else { return nil }
    let value: Double?
    switch input {
    case .classes(let labels, let predictions, let positive):
      let counts = ClassCounts(labels: labels, predictions: predictions)
      value = counts.value(of: self, average: average, positive: positive)
    case .scores(let scores, let isPositive):
      value = ScoreMetrics(scores: scores, isPositive: isPositive).value(of: self)
    case .numbers(let numbers, let labels):
      value = NumberMetrics(predictions: numbers, labels: labels).value(of: self)
    }
    return value.flatMap { $0.isFinite ? $0 : nil }
  }
}
