/// Prometheus' text format 0.0.4.
extension MetricFamily {
  /// What goes into the response's header.
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// The lines of the families, sorted by name and labels. A family without series still has its HELP and TYPE.
  package static func text(_ families: [MetricFamily]) -> String {
    var text = ""
    for family in families.sorted(by: { $0.name < $1.name }) { family.append(to: &text) }
    return text
  }

  private func append(to text: inout String) {
    text += "# HELP \(name) \(MetricText.escapedHelp(help))\n# TYPE \(name) \(kind.rawValue)\n"
    for series in series.sorted(by: { $0.labels < $1.labels }) {
      switch series.value {
      case .number(let value): append("", series.labels, nil, MetricText.number(value), to: &text)
      case .histogram(let histogram): append(histogram, series.labels, to: &text)
      }
    }
  }

  private func append(_ histogram: Histogram, _ labels: MetricLabels, to text: inout String) {
    var count: Int64 = 0
    for (bound, added) in zip(histogram.bounds + [.infinity], histogram.counts) {
      count += added
      append("_bucket", labels, MetricText.number(bound), String(count), to: &text)
    }
    append("_sum", labels, nil, MetricText.number(histogram.sum), to: &text)
    append("_count", labels, nil, String(count), to: &text)
  }

  private func append(
    _ suffix: String, _ labels: MetricLabels, _ bound: String?, _ value: String, to text: inout String
  ) {
    var pairs = labels.labels.map { "\($0.name)=\"\(MetricText.escapedLabel($0.value))\"" }
    if let bound { pairs.append("le=\"\(bound)\"") }
    text += "\(name)\(suffix)\(pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") \(value)\n"
  }
}
