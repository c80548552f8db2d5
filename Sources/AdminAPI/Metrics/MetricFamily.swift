/// One metric with its series, as it is shown: a value without ties to where it comes from.
package struct MetricFamily: Sendable, Equatable {
  package enum Kind: String, Sendable {
    case counter
    case gauge
    case histogram
  }

  package var name: String
  package var help: String
  package var kind: Kind
  package var series: [Series]

  package struct Series: Sendable, Equatable {
    package var labels: MetricLabels
    package var value: Value
  }

  package enum Value: Sendable, Equatable {
    case number(Double)
    case histogram(Histogram)
  }

  /// A classic histogram.
  package struct Histogram: Sendable, Equatable {
    /// Upper bounds of the buckets, ascending, without +Inf.
    package var bounds: [Double]
    /// Observations by bucket, not cumulative; one more than there are bounds.
    package var counts: [Int64]
    package var sum: Double
  }

  /// A family of numbers.
  package init(_ name: String, help: String, kind: Kind, _ series: [(labels: [(String, String)], value: Double)]) {
    self.name = name
    self.help = help
    self.kind = kind
    self.series = series.map { Series(labels: MetricLabels($0.labels), value: .number($0.value)) }
  }

  init(name: String, help: String, kind: Kind, series: [Series]) {
    self.name = name
    self.help = help
    self.kind = kind
    self.series = series
  }
}
