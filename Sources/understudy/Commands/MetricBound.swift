import ArgumentParser
import Domain

/// An operator's bound of one metric as people write it: `roc_auc=0.9`.
struct MetricBound: ExpressibleByArgument, Sendable {
  var metric: Metric
  var bound: Double

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let metric = Metric(rawValue: parts[0]), let bound = Double(parts[1]), bound.isFinite
    else { return nil }
    self.metric = metric
    self.bound = bound
  }
}
