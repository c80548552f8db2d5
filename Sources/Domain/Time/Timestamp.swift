/// Times as RFC 3339 writes them, to and from milliseconds since 1970 UTC.
package enum Timestamp {
  /// `2026-11-20T09:58:00Z`, with milliseconds only if there are any. Years outside of 0 to 9999 are cut to that range.
  package static func text(_ milliseconds: Int64) -> String {
    let milliseconds = min(max(milliseconds, earliest), latest)
    let day = milliseconds.flooredQuotient(by: 86_400_000)
    let inDay = milliseconds - day * 86_400_000
    let date = CivilDate(day: day)
    let seconds = inDay / 1000
    var text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
    text += "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
    if inDay % 1000 != 0 { text += ".\(padded(inDay % 1000, 3))" }
    return text + "Z"
  }

  /// The milliseconds of a time with `Z` or an offset; digits behind the third of a fraction are dropped. Nil if it is
  /// no such time, or if its offset takes it out of the years 0 to 9999.
  package static func milliseconds(_ text: String) -> Int64? {
    var scanner = Scanner(text)
    guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2), scanner.take("-"),
      let day = scanner.number(2), scanner.take("T") || scanner.take("t") || scanner.take(" "),
      let hour = scanner.number(2), scanner.take(":"), let minute = scanner.number(2), scanner.take(":"),
      let second = scanner.number(2)
    else { return nil }
    // A leap second, 60, counts as the first of the next minute.
    guard (1...12).contains(month), day >= 1, day <= CivilDate.days(inMonth: month, of: year), hour < 24, minute < 60,
      second <= 60
    else { return nil }
    guard let fraction = scanner.fraction(), let offset = scanner.offset(), scanner.isAtEnd else { return nil }
    let days = CivilDate(year: year, month: month, day: day).daysSince1970
    let milliseconds = ((days * 24 + hour) * 60 + minute - offset) * 60_000 + second * 1000 + fraction
    return (earliest...latest).contains(milliseconds) ? milliseconds : nil
  }

  private static let earliest = CivilDate(year: 0, month: 1, day: 1).daysSince1970 * 86_400_000
  private static let latest = CivilDate(year: 10_000, month: 1, day: 1).daysSince1970 * 86_400_000 - 1

  private static func padded(_ value: Int64, _ digits: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// Takes a time apart from its front.
  private struct Scanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ byte: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: byte) else { return false }
      rest.removeFirst()
      return true
    }

    mutating func number(_ digits: Int) -> Int64? {
      var value: Int64 = 0
      for _ in 0..<digits {
        guard let digit = digit() else { return nil }
        value = value * 10 + digit
      }
      return value
    }

    private mutating func digit() -> Int64? {
      guard let byte = rest.first, (0x30...0x39).contains(byte) else { return nil }
      rest.removeFirst()
      return Int64(byte - 0x30)
    }

    /// Milliseconds of `.123`, 0 if there is no fraction.
    mutating func fraction() -> Int64? {
      guard take(".") else { return 0 }
      var (value, weight) = (Int64(0), Int64(100))
      guard let first = digit() else { return nil }
      value = first * weight
      while let next = digit() {
        weight /= 10
        value += next * weight
      }
      return value
    }

    /// Minutes east of `Z`.
    mutating func offset() -> Int64? {
      if take("Z") || take("z") { return 0 }
      let sign: Int64
      if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
      guard let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60 else { return nil }
      return sign * (hours * 60 + minutes)
    }
  }
}
