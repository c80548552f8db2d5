import CRE2
import Domain

/// A regular expression that whole values must match, compiled by RE2: the time of a match is in proportion to the
/// value, so that no requester can make it long.
///
/// A match allocates nothing once RE2 has seen values of the same kind: it remembers the states that it was in, up to
/// `Limits.patternMemoryBytes`.
@safe final class Pattern {
  private let pattern: OpaquePointer

  /// A compiled expression.
  /// - Throws: what is wrong with its syntax, or that it is too large.
  init(_ expression: String) throws(PatternSyntaxError) {
    guard expression.utf8.count <= Limits.patternBytes else {
      throw PatternSyntaxError(message: "longer than \(Limits.patternBytes) bytes")
    }
    var expression = expression
    var message = ""
    let compiled = expression.withUTF8 { bytes in
      unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.messageBytes) { error -> OpaquePointer? in
        unsafe error.initialize(repeating: 0)
        let pattern = unsafe understudy_pattern_compile(
          bytes.baseAddress, bytes.count, Limits.patternMemoryBytes, error.baseAddress, error.count)
        if unsafe pattern == nil {
          let text = unsafe error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
          message = String(decoding: text, as: UTF8.self)
        }
        return unsafe pattern
      }
    }
    guard let compiled = unsafe compiled else { throw PatternSyntaxError(message: message) }
    unsafe pattern = compiled
  }

  deinit {
    unsafe understudy_pattern_destroy(pattern)
  }

  /// Whether the whole text matches.
  func matches(_ text: RawSpan) -> Bool {
    unsafe text.withUnsafeBytes { bytes in
      unsafe understudy_pattern_matches(
        pattern, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    }
  }

  /// Whether the whole text matches.
  func matches(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { unsafe matches(UnsafeRawBufferPointer($0).bytes) }
  }

  /// Room for RE2's reason: a few words and the part of the expression that they are about.
  private static let messageBytes = 256
}
