import Domain

/// The labels of one series, sorted by name, so that two spellings of the same labels are one series.
package struct MetricLabels: Hashable, Sendable, Comparable {
  package struct Label: Hashable, Sendable {
    package var name: String
    package var value: String
  }

  package let labels: [Label]

  /// Names are made valid, values are cut to `Limits.metricLabelBytes`. Of a name that comes twice the last counts.
  package init(_ pairs: [(String, String)]) {
    var values: [String: String] = [:]
    for (name, value) in pairs { values[MetricText.validName(name)] = MetricText.shortened(value) }
    labels = values.sorted { $0.key < $1.key }.map { Label(name: $0.key, value: $0.value) }
  }

  /// Whether every one of these labels is among them.
  func contains(_ other: MetricLabels) -> Bool { other.labels.allSatisfy(labels.contains) }

  package static func < (left: MetricLabels, right: MetricLabels) -> Bool {
    for (one, other) in zip(left.labels, right.labels) where one != other {
      return (one.name, one.value) < (other.name, other.value)
    }
    return left.labels.count < right.labels.count
  }
}
