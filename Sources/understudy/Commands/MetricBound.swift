import ArgumentParser
import Domain

/// An operator's bound of one metric as people write it: `roc_auc=0.9`.
struct MetricBound: Sendable, CustomStringConvertible {
  var metric: Metric
  var bound: Double

  /// - Throws: `ValidationError` with what was expected.
  init(argument: String) throws {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard let name = parts.first, let metric = Metric(rawValue: name) else {
      throw ValidationError(
        "expected METRIC=NUMBER, such as roc_auc=0.9; metrics are \(Metric.allCases.map(\.rawValue).joined(separator: ", "))"
      )
    }
    guard parts.count == 2, let bound = Double(parts[1]), bound.isFinite else {
      throw ValidationError("expected a number behind \(name)=, such as \(name)=0.9")
    }
    self.metric = metric
    self.bound = bound
  }

  /// As it may be given.
  var description: String { "\(metric.rawValue)=\(bound)" }
}
