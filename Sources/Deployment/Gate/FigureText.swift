import Foundation

/// How messages and reports write figures: six digits that matter, no more.
package enum FigureText {
  /// A number.
  package static func number(_ value: Double) -> String { String(format: "%.6g", value) }

  /// A measured time, of which no more than three digits come again.
  package static func time(_ value: Double) -> String { String(format: "%.3g", value) }

  /// `0.95 to 1`.
  package static func range(_ range: ClosedRange<Double>) -> String {
    "\(number(range.lowerBound)) to \(number(range.upperBound))"
  }

  /// `1 row`, `170 rows`.
  package static func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(count) rows" }
}
