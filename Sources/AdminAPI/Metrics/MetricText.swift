import Domain

/// Names, values and escapes of Prometheus' text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
enum MetricText {
  /// A name of letters, digits and underscores that begins with no digit.
  static func validName(_ name: String) -> String {
    var result = ""
    for byte in name.utf8 {
      let isLetter = (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
      let isDigit = (0x30...0x39).contains(byte) && !result.isEmpty
      result += isLetter || isDigit ? String(UnicodeScalar(byte)) : "_"
    }
    return result.isEmpty ? "_" : result
  }

  /// At most `Limits.metricLabelBytes` bytes, whole characters.
  static func shortened(_ value: String) -> String {
    guard value.utf8.count > Limits.metricLabelBytes else { return value }
    var result = ""
    for character in value {
      guard result.utf8.count + character.utf8.count <= Limits.metricLabelBytes else { break }
      result.append(character)
    }
    return result
  }

  /// The value of a label, between its quotes.
  static func escapedLabel(_ value: String) -> String { escapedHelp(value).replacing("\"", with: "\\\"") }

  /// The text of a HELP line.
  static func escapedHelp(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
  }

  /// A number as Go's parser reads it; whole ones without a point.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if value == value.rounded(.towardZero), abs(value) < 1e15 { return String(Int64(value)) }
    return "\(value)"
  }
}
