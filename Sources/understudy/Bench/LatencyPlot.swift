/// Latencies as text: a curve of percentiles, and the seconds of the run side by side.
enum LatencyPlot {
  private static let percentiles: [(name: String, percentile: Double)] = [
    ("p0", 0), ("p50", 50), ("p75", 75), ("p90", 90), ("p95", 95), ("p99", 99), ("p99.9", 99.9), ("p99.99", 99.99),
    ("max", 100),
  ]
  private static let width = 50
  private static let eighths = Array(" ▏▎▍▌▋▊▉█")
  private static let heights = Array("▁▂▃▄▅▆▇█")

  /// A bar for each percentile, as long as its share of the longest time. At most 80 columns.
  static func curve(_ histogram: LatencyHistogram) -> String {
    guard histogram.count > 0 else { return "  no answers" }
    let longest = max(histogram.maximum, 0.001)
    return percentiles.map { name, percentile in
      let value = percentile == 100 ? histogram.maximum : histogram.milliseconds(percentile: percentile)
      let time = millisecondText(value)
      let label = "  \(name.padded(to: 7))\(String(repeating: " ", count: max(0, 10 - time.count)))\(time) "
      return label + bar(value / longest)
    }.joined(separator: "\n")
  }

  private static func bar(_ share: Double) -> String {
    let units = Int((min(max(share, 0), 1) * Double(width * 8)).rounded())
    let part = units % 8
    return String(repeating: "█", count: units / 8) + (part > 0 ? String(eighths[part]) : "")
  }

  /// A line of columns, one for each second or for some of them together, as high as the largest value in it.
  static func line(_ values: [Double]) -> String {
    guard let highest = values.max(), highest > 0 else { return "" }
    let perColumn = (values.count + width - 1) / width
    return String(
      stride(from: 0, to: values.count, by: perColumn).map { start in
        let value = values[start..<min(start + perColumn, values.count)].max() ?? 0
        return heights[min(heights.count - 1, Int(value / highest * Double(heights.count)))]
      })
  }

  /// The 50th and the 99th percentile over the time of the run.
  static func seconds(_ slices: [LatencyFigures.Slice]) -> String {
    func row(_ name: String, _ values: [Double]) -> String {
      "  \(name) \(line(values)) up to \(millisecondText(values.max() ?? 0))"
    }
    return [row("p50", slices.map(\.median)), row("p99", slices.map(\.ninetyNinth))].joined(separator: "\n")
  }
}
