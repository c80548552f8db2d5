import CSimdJSON

/// JSON's own forms, appended to bytes without anything in between.
extension [UInt8] {
  /// Appends text of ours as it is.
  @inline(__always)
  mutating func append(_ text: StaticString) {
    unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends bytes as they are.
  @inline(__always)
  mutating func append(_ span: RawSpan) {
    unsafe span.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }

  /// Appends the shortest text that reads back as the same number; `null` for what JSON has no number for.
  mutating func append(json value: Float) {
    guard value.isFinite else { return append("null") }
    // "-0" would be read as the integer 0.
    if value == 0, value.sign == .minus { return append("-0.0") }
    unsafe appendNumber { unsafe understudy_write_float(value, $0) }
  }

  /// As for `Float`.
  mutating func append(json value: Double) {
    guard value.isFinite else { return append("null") }
    if value == 0, value.sign == .minus { return append("-0.0") }
    unsafe appendNumber { unsafe understudy_write_double(value, $0) }
  }

  /// Appends an integer.
  mutating func append(json value: Int64) {
    unsafe appendNumber { unsafe understudy_write_int64(value, $0) }
  }

  /// Appends an integer.
  mutating func append(json value: UInt64) {
    unsafe appendNumber { unsafe understudy_write_uint64(value, $0) }
  }

  /// Appends `true` or `false`.
  mutating func append(json value: Bool) {
    append(value ? "true" : "false")
  }

  /// Appends a string with its quotes.
  mutating func append(json text: String) {
    var text = text
    text.withUTF8 { unsafe append(jsonString: UnsafeRawBufferPointer($0).bytes) }
  }

  /// Appends bytes as a string with its quotes: what must be is escaped, and what is not UTF-8 becomes U+FFFD, one for
  /// each byte.
  mutating func append(jsonString span: RawSpan) {
    append(UInt8(ascii: "\""))
    unsafe span.withUnsafeBytes { unsafe appendEscaped($0) }
    append(UInt8(ascii: "\""))
  }

  @unsafe private mutating func appendEscaped(_ bytes: UnsafeRawBufferPointer) {
    var copied = 0
    var at = 0
    while at < bytes.count {
      let byte = unsafe bytes[at]
      if byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
        at += 1
        continue
      }
      if byte >= 0x80 {
        let length = unsafe UTF8Sequence.length(bytes, at)
        if length > 0 {
          at += length
          continue
        }
      }
      unsafe append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[copied..<at]))
      appendEscape(byte)
      at += 1
      copied = at
    }
    unsafe append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[copied..<at]))
  }

  private mutating func appendEscape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append("\\\"")
    case UInt8(ascii: "\\"): append("\\\\")
    case 0x08: append("\\b")
    case 0x09: append("\\t")
    case 0x0A: append("\\n")
    case 0x0C: append("\\f")
    case 0x0D: append("\\r")
    case 0..<0x20:
      append("\\u00")
      append(Self.hexadecimal(byte >> 4))
      append(Self.hexadecimal(byte & 15))
    default: append("\u{FFFD}")
    }
  }

  private static func hexadecimal(_ digit: UInt8) -> UInt8 {
    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
  }

  @inline(__always)
  @unsafe private mutating func appendNumber(_ write: (UnsafeMutablePointer<UInt8>) -> Int) {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: UNDERSTUDY_NUMBER_BYTES) { buffer in
      guard let start = buffer.baseAddress else { return }
      let count = unsafe write(start)
      unsafe append(contentsOf: UnsafeBufferPointer(start: start, count: count))
    }
  }
}
