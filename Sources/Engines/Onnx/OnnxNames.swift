import Domain

/// Names of a graph's inputs or outputs, both as text and as the C strings that every run needs.
@safe final class OnnxNames {
  /// As text.
  let texts: [String]
  /// As C strings, in the same order.
  let pointers: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>

  /// Asks `count` for their number and `name` for each of them; `free` gives a name back to the library.
  init(
    _ api: OnnxAPI, count: (UnsafeMutablePointer<Int>) -> OpaquePointer?,
    name: (Int, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> OpaquePointer?,
    free: (UnsafeMutablePointer<CChar>) -> OpaquePointer?
  ) throws(OnnxError) {
    var number = 0
    unsafe try api.check(count(&number))
    guard number <= Limits.columnsPerRelease else {
      throw OnnxError("the graph has \(number) inputs or outputs; at most \(Limits.columnsPerRelease) are allowed")
    }
    var texts: [String] = []
    for index in 0..<number {
      var given: UnsafeMutablePointer<CChar>?
      unsafe try api.check(name(index, &given))
      guard let given = unsafe given else { throw OnnxError("the graph has an input or output without a name") }
      unsafe texts.append(String(cString: given))
      unsafe try api.check(free(given))
    }
    self.texts = texts
    unsafe pointers = .allocate(capacity: number)
    for index in texts.indices { unsafe pointers.initializeElement(at: index, to: Self.copy(texts[index])) }
  }

  deinit {
    for index in 0..<(unsafe pointers.count) { unsafe pointers[index]?.deallocate() }
    unsafe pointers.deallocate()
  }

  private static func copy(_ text: String) -> UnsafePointer<CChar> {
    let bytes = text.utf8CString
    let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
    for index in bytes.indices { unsafe copy.initializeElement(at: index, to: bytes[index]) }
    return unsafe UnsafePointer(copy.baseAddress ?? .allocate(capacity: 1))
  }
}
