/// Elements as a manifest writes them.
extension Column {
  /// Sets an element to a value of the column's datatype; another one changes nothing.
  package func set(_ value: Value, at index: Int) {
    switch (descriptor.datatype, value) {
    case (.bool, .bool(let value)): set(bool: value, at: index)
    case (.int64, .int64(let value)): set(int64: value, at: index)
    case (.float32, .number(let value)): set(float32: Float(value), at: index)
    case (.float64, .number(let value)): set(float64: value, at: index)
    case (.bytes, .text(let value)):
      let text = Array(value.utf8)
      unsafe set(bytes: text.span.bytes, at: index)
    default: break
    }
  }

  /// Copies a row of another column of the same datatype and width.
  package func copy(row: Int, of other: Column, to target: Int) {
    precondition(descriptor.datatype == other.descriptor.datatype && descriptor.width == other.descriptor.width)
    guard descriptor.datatype == .bytes else {
      return unsafe other.withUnsafeMutableElements(rows: row..<row + 1) { source in
        unsafe withUnsafeMutableElements(rows: target..<target + 1) {
          unsafe $0.copyMemory(from: UnsafeRawBufferPointer(source))
        }
      }
    }
    for element in 0..<descriptor.width {
      other.withBytes(at: row * descriptor.width + element) { set(bytes: $0, at: target * descriptor.width + element) }
    }
  }

  /// Whether an element of a BYTES column holds these bytes.
  package func holds(_ text: [UInt8], at index: Int) -> Bool {
    withBytes(at: index) { bytes in
      guard text.count == bytes.byteCount else { return false }
      return unsafe bytes.withUnsafeBytes { unsafe $0.elementsEqual(text) }
    }
  }

  /// The first `limit` bytes of an element of a BYTES column as text, and whether there are more.
  package func text(at index: Int, limit: Int) -> (text: String, isCut: Bool) {
    withBytes(at: index) { bytes in
      let shown = bytes.extracting(first: min(bytes.byteCount, limit))
      let text = unsafe shown.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
      return (text, bytes.byteCount > limit)
    }
  }
}
