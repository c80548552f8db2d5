import Domain
import Foundation

/// How the guard's messages write values: short, and safe on one line.
enum GuardText {
  /// A number as it is written in JSON, whole ones without a point.
  static func number(_ value: Double) -> String {
    if let integer = Int64(exactly: value), integer.magnitude < 1 << 53 { return String(integer) }
    return "\(value)"
  }

  /// A figure, to four digits that matter.
  static func figure(_ value: Double) -> String { String(format: "%.4g", value) }

  /// An element of a BYTES column in quotes, shortened, control characters replaced.
  static func quoted(_ column: Column, at index: Int) -> String {
    let (shown, isCut) = column.text(at: index, limit: 4 * Limits.quotedCharacters)
    var text = "\""
    for scalar in shown.unicodeScalars.prefix(Limits.quotedCharacters) {
      let isControl = scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
      text.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
    }
    return text + (isCut || shown.unicodeScalars.count > Limits.quotedCharacters ? "…\"" : "\"")
  }
}
