import Domain

/// Metrics of predicted numbers.
struct NumberMetrics {
  let predictions: [Double]
  let labels: [Double]

  func value(of metric: Metric) -> Double? {
    switch metric {
    case .rmse: (squaredErrors / Double(labels.count)).squareRoot()
    case .mae: zip(predictions, labels).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(labels.count)
    case .r2: determination
    default: nil
    }
  }

  private var squaredErrors: Double {
    zip(predictions, labels).reduce(0) { sum, pair in
      let error = pair.0 - pair.1
      return sum + error * error
    }
  }

  /// 1 − residual / total; of labels that are all the same 1 if they are met and 0 if not, as scikit-learn's
  /// `force_finite` has it.
  private var determination: Double? {
    guard labels.count > 1 else { return nil }
    let mean = labels.reduce(0, +) / Double(labels.count)
    let total = labels.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let residual = squaredErrors
    if total == 0 { return residual == 0 ? 1 : 0 }
    return 1 - residual / total
  }
}
