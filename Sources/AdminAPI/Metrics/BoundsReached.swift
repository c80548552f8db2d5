import CoreMetrics
import Domain

/// Counts how often bounds of the product are reached. Any thread.
package struct BoundsReached: Sendable {
  private let counters: [Bound: Counter]

  /// Counters at zero. That of the series is the registry's own.
  package init(_ metrics: PrometheusMetrics) {
    counters = Bound.allCases.filter { $0 != .metricSeries }.reduce(into: [:]) { counters, bound in
      counters[bound] = Counter(
        label: MetricName.boundsReached.rawValue, dimensions: [("bound", bound.rawValue)], factory: metrics)
    }
  }

  /// A bound was reached, for so many things that there was no room for.
  package func count(_ bound: Bound, by number: Int = 1) { counters[bound]?.increment(by: number) }
}
