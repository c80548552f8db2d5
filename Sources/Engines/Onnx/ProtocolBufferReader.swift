/// Walks the fields of one message in the Protocol Buffers encoding (protobuf.dev/programming-guides/encoding).
///
/// It holds a position only, and is given the bytes at each step: a span cannot be kept.
struct ProtocolBufferReader {
  /// One field: its number, and the value of an integer or where the content of a message, text or packed list lies.
  struct Field {
    var number: UInt64
    var scalar: UInt64 = 0
    var content: Range<Int>?
  }

  /// Where the next field starts, or where reading stopped.
  private(set) var position = 0

  /// The next field; nil at the end, and at what is no field, where the reader stays.
  mutating func next(_ bytes: RawSpan) -> Field? {
    let start = position
    // Wider tags and lengths are not valid, and parsers differ in what they make of them.
    guard let tag = integer(bytes), tag <= UInt32.max else { return fail(start) }
    var field = Field(number: tag >> 3)
    switch tag & 7 {
    case 0:
      guard let value = integer(bytes) else { return fail(start) }
      field.scalar = value
    case 1, 5:
      let count = tag & 7 == 1 ? 8 : 4
      guard bytes.byteCount - position >= count else { return fail(start) }
      position += count
    case 2:
      guard let value = integer(bytes), let count = Int32(exactly: value).map(Int.init),
        bytes.byteCount - position >= count
      else {
        return fail(start)
      }
      field.content = position..<position + count
      position += count
    default:  // Groups, which ONNX never used.
      return fail(start)
    }
    return field
  }

  private mutating func fail(_ start: Int) -> Field? {
    position = start
    return nil
  }

  /// A base-128 integer of at most ten bytes.
  private mutating func integer(_ bytes: RawSpan) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < bytes.byteCount else { return nil }
      let byte = unsafe bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
      position += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return value }
    }
    return nil
  }
}
