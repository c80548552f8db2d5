/// Well-formed byte sequences of UTF-8 (Unicode 15, table 3-7).
enum UTF8Sequence {
  /// Bytes of the sequence of several bytes that starts at a position; 0 if it is not well-formed.
  @unsafe static func length(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Int {
    let first = unsafe bytes[at]
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch first {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    case 0xF1...0xF3: length = 4
    default: return 0
    }
    guard at + length <= bytes.count, second.contains(unsafe bytes[at + 1]) else { return 0 }
    for offset in 2..<max(length, 2) where unsafe bytes[at + offset] & 0xC0 != 0x80 { return 0 }
    return length
  }
}
