/// A parsed document as simdjson left it: a tape of 64-bit words, walked by position.
///
/// The format is simdjson's `doc/tape.md`. A word is a letter (8 bits) and a payload (56 bits): for an object or array
/// the position behind its end (low 32 bits) and the count of its elements (24 bits, saturated), for a string its place
/// in the strings' buffer; a number's value is the word that follows. Position 0 is the document itself, so that 0 can
/// stand for "absent"; its value is at `root`.
///
/// The memory is the parser's: a tape is good until the next parse. Positions are checked, so that a wrong one stops
/// the process and does not read what it should not; what is at a position is trusted, because simdjson wrote it.
@safe struct JSONTape {
  private let words: UnsafePointer<UInt64>
  private let strings: UnsafePointer<UInt8>
  private let count: Int

  /// Position of the document's value.
  static let root = 1

  /// A view of a parser's memory.
  @unsafe init(words: UnsafePointer<UInt64>, strings: UnsafePointer<UInt8>) {
    unsafe self.words = words
    unsafe self.strings = strings
    count = Int(truncatingIfNeeded: unsafe words[0] & Self.payloadMask)
  }

  private static let payloadMask: UInt64 = (1 << 56) - 1

  @inline(__always)
  private func word(_ position: Int) -> UInt64 {
    precondition(position > 0 && position < count)
    return unsafe words[position]
  }

  /// The kind of the value at a position.
  @inline(__always)
  func kind(_ position: Int) -> JSONKind {
    JSONKind(letter: UInt8(truncatingIfNeeded: word(position) >> 56))
  }

  /// The position behind the value at a position.
  @inline(__always)
  func next(_ position: Int) -> Int {
    let word = word(position)
    switch JSONKind(letter: UInt8(truncatingIfNeeded: word >> 56)) {
    case .object, .array: return Int(UInt32(truncatingIfNeeded: word))
    case .int64, .uint64, .double: return position + 2
    default: return position + 1
    }
  }

  /// The position of the closing bracket of the object or array at a position; its first key or element is at `position
  /// + 1`.
  @inline(__always)
  func end(_ position: Int) -> Int {
    Int(UInt32(truncatingIfNeeded: word(position))) - 1
  }

  /// Elements of the array or fields of the object at a position; 2²⁴ − 1 means that many or more.
  func elementCount(_ position: Int) -> Int {
    Int((word(position) & Self.payloadMask) >> 32)
  }

  /// The value at a position whose kind is `int64`.
  @inline(__always)
  func int64(_ position: Int) -> Int64 { Int64(bitPattern: word(position + 1)) }
  /// The value at a position whose kind is `uint64`.
  @inline(__always)
  func uint64(_ position: Int) -> UInt64 { word(position + 1) }
  /// The value at a position whose kind is `double`.
  @inline(__always)
  func double(_ position: Int) -> Double { Double(bitPattern: word(position + 1)) }

  /// Bytes of the string at a position.
  @inline(__always)
  func stringByteCount(_ position: Int) -> Int {
    unsafe stringBytes(position).count
  }

  /// Unicode characters of the string at a position: bytes that do not continue one.
  func characterCount(_ position: Int) -> Int {
    unsafe stringBytes(position).count { $0 & 0xC0 != 0x80 }
  }

  /// Lends the bytes of the string at a position.
  @inline(__always)
  func withString<Result>(_ position: Int, _ body: (RawSpan) -> Result) -> Result {
    unsafe body(UnsafeRawBufferPointer(stringBytes(position)).bytes)
  }

  /// The string at a position.
  func text(_ position: Int) -> String {
    unsafe String(decoding: stringBytes(position), as: UTF8.self)
  }

  /// The bytes of the string at a position; eight more may be read.
  @inline(__always)
  @unsafe func stringBytes(_ position: Int) -> UnsafeBufferPointer<UInt8> {
    let word = word(position)
    precondition(UInt8(truncatingIfNeeded: word >> 56) == UInt8(ascii: "\""))
    let start = unsafe strings + Int(truncatingIfNeeded: word & Self.payloadMask)
    let length = unsafe UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
    return unsafe UnsafeBufferPointer(start: start + 4, count: Int(UInt32(littleEndian: length)))
  }
}
