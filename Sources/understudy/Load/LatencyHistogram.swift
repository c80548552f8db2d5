import Foundation
import Histogram
import Wire

/// Times in microseconds, to three digits from one microsecond to an hour (HdrHistogram).
struct LatencyHistogram: Sendable {
  private var histogram = Histogram<UInt64>(
    lowestDiscernibleValue: 1, highestTrackableValue: hour, numberOfSignificantValueDigits: .three)
  /// The longest, exactly.
  private(set) var longest: Int64 = 0

  private static let hour: UInt64 = 3_600_000_000

  var count: Int { Int(histogram.totalCount) }

  /// Adds a time; what is less than nothing counts as nothing, what is more than an hour as an hour.
  mutating func record(nanoseconds: Int64) {
    let microseconds = max(0, nanoseconds) / 1000
    longest = max(longest, microseconds)
    _ = histogram.record(min(UInt64(microseconds), Self.hour))
  }

  mutating func add(_ other: LatencyHistogram) {
    histogram.add(other.histogram)
    longest = max(longest, other.longest)
  }

  /// Milliseconds below which such a share of the times lies.
  func milliseconds(percentile: Double) -> Double {
    guard count > 0 else { return 0 }
    return min(Double(histogram.valueAtPercentile(percentile)), Double(longest)) / 1000
  }

  var maximum: Double { Double(longest) / 1000 }

  /// What is shown of it.
  static let shown: [(name: String, percentile: Double)] = [
    ("p50", 50), ("p90", 90), ("p99", 99), ("p99.9", 99.9),
  ]

  var document: JSON {
    var fields: [JSON.Field] = [.init("count", .integer(Int64(count)))]
    for (name, percentile) in Self.shown {
      fields.append(.init("\(name.replacing(".", with: "_"))_ms", .number(milliseconds(percentile: percentile))))
    }
    fields.append(.init("max_ms", .number(maximum)))
    return .object(fields)
  }

  /// `p50 1.20 ms, p99 3.40 ms, …`.
  var text: String {
    let parts = Self.shown.map { "\($0.name) \(millisecondText(milliseconds(percentile: $0.percentile)))" }
    return (parts + ["max \(millisecondText(maximum))"]).joined(separator: ", ")
  }
}

/// `1.23 ms`, `45.6 ms`, `1234 ms`.
func millisecondText(_ value: Double) -> String {
  value < 10 ? String(format: "%.2f ms", value) : String(format: value < 100 ? "%.1f ms" : "%.0f ms", value)
}
