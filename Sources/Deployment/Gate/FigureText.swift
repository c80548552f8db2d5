import Foundation

/// How messages and reports write figures: six digits that matter, no more.
package enum FigureText {
  /// A number.
  package static func number(_ value: Double) -> String { String(format: "%.6g", value) }

  /// A number with as many digits as it takes to tell it from others.
  package static func number(_ value: Double, besides others: Double...) -> String {
    let text = number(value)
    return others.contains { $0 != value && number($0) == text } ? "\(value)" : text
  }

  /// A measured time, of which no more than three digits come again.
  package static func time(_ value: Double) -> String { String(format: value < 1000 ? "%.3g" : "%.0f", value) }

  /// `0.95 to 1`.
  package static func range(_ range: ClosedRange<Double>) -> String {
    "\(number(range.lowerBound)) to \(number(range.upperBound))"
  }

  /// A range that a value is not in, so that one can see that it is not.
  package static func range(_ range: ClosedRange<Double>, besides value: Double) -> String {
    "\(number(range.lowerBound, besides: value)) to \(number(range.upperBound, besides: value))"
  }

  /// `1 row`, `170 rows`.
  package static func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(count) rows" }
}
