/// One named column of n rows: contiguous memory that is reused from batch to batch.
///
/// Elements lie row by row: element `row * width + k`. Memory only grows, up to `Limits.elementsPerColumn`. A column
/// belongs to one lane: it is not `Sendable` and takes no lock. The pointers leave this type in two ways only: through
/// `withUnsafeMutableElements`, which an engine needs to lend the memory to its library without a copy, and to the
/// `Columns` that the column is one of, for the row loop; only that one may make room in its columns.
@safe package final class Column {
  /// Name, datatype and width.
  package let descriptor: ColumnDescriptor

  private(set) var elements: UnsafeMutableRawBufferPointer
  private var text: [UInt8] = []

  /// An empty column.
  package init(_ descriptor: ColumnDescriptor) {
    self.descriptor = descriptor
    unsafe elements = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }

  deinit {
    unsafe elements.deallocate()
  }

  /// Rows that fit without growing.
  package var rowCapacity: Int {
    unsafe elements.count / (descriptor.width * descriptor.datatype.elementBytes)
  }

  /// Makes room for `rows` rows and keeps what is there. Content of new rows is zero.
  /// - Parameter exactly: for no more rows than that, where none will follow.
  /// - Returns: false, and nothing changes, if that is more than `Limits.elementsPerColumn` elements.
  package func reserve(rows: Int, exactly: Bool = false) -> Bool {
    if rows <= rowCapacity { return true }
    let (needed, overflow) = rows.multipliedReportingOverflow(by: descriptor.width)
    guard !overflow, needed <= Limits.elementsPerColumn else { return false }
    let ample = exactly ? needed : max(needed, 2 * rowCapacity * descriptor.width, 16 * descriptor.width)
    let wanted = min(ample, Limits.elementsPerColumn)
    let grown = UnsafeMutableRawBufferPointer.allocate(
      byteCount: wanted * descriptor.datatype.elementBytes, alignment: 64)
    unsafe grown.initializeMemory(as: UInt8.self, repeating: 0)
    unsafe grown.copyMemory(from: UnsafeRawBufferPointer(elements))
    unsafe elements.deallocate()
    unsafe elements = grown
    return true
  }

  /// Forgets the text of `BYTES` elements; the memory stays.
  package func removeText() {
    text.removeAll(keepingCapacity: true)
  }

  // MARK: Elements

  @inline(__always)
  private func load<Element: BitwiseCopyable>(_ index: Int, as type: Element.Type) -> Element {
    precondition(index >= 0 && (index &+ 1) &* MemoryLayout<Element>.stride <= (unsafe elements.count))
    return unsafe elements.load(fromByteOffset: index &* MemoryLayout<Element>.stride, as: type)
  }

  @inline(__always)
  private func store<Element: BitwiseCopyable>(_ value: Element, _ index: Int) {
    precondition(index >= 0 && (index &+ 1) &* MemoryLayout<Element>.stride <= (unsafe elements.count))
    unsafe elements.storeBytes(of: value, toByteOffset: index &* MemoryLayout<Element>.stride, as: Element.self)
  }

  /// Element of an FP32 column.
  package func float32(at index: Int) -> Float { load(index, as: Float.self) }
  /// Element of an FP64 column.
  package func float64(at index: Int) -> Double { load(index, as: Double.self) }
  /// Element of an INT64 column.
  package func int64(at index: Int) -> Int64 { load(index, as: Int64.self) }
  /// Element of a BOOL column.
  package func bool(at index: Int) -> Bool { load(index, as: UInt8.self) != 0 }

  /// Sets an element of an FP32 column.
  package func set(float32 value: Float, at index: Int) { store(value, index) }
  /// Sets an element of an FP64 column.
  package func set(float64 value: Double, at index: Int) { store(value, index) }
  /// Sets an element of an INT64 column.
  package func set(int64 value: Int64, at index: Int) { store(value, index) }
  /// Sets an element of a BOOL column.
  package func set(bool value: Bool, at index: Int) { store(value ? 1 as UInt8 : 0, index) }

  /// Sets an element of a BYTES column to a copy of `bytes`. The text of an element that was set before stays until
  /// `removeText`, so set each element once a batch.
  package func set(bytes: RawSpan, at index: Int) {
    let position = text.count
    unsafe bytes.withUnsafeBytes { unsafe text.append(contentsOf: $0) }
    store(TextPosition(position: UInt32(clamping: position), count: UInt32(clamping: bytes.byteCount)), index)
  }

  /// Lends the bytes of an element of a BYTES column.
  package func withBytes<Result>(at index: Int, _ body: (RawSpan) -> Result) -> Result {
    let at = load(index, as: TextPosition.self)
    let text = text  // A span may not be borrowed from a member of a class.
    return unsafe body(text.span.bytes.extracting(droppingFirst: Int(at.position)).extracting(first: Int(at.count)))
  }

  /// Lends the elements of rows `rows` as raw memory, to a library that reads or writes them in place. BYTES columns
  /// have no such form.
  package func withUnsafeMutableElements<Result, Failure: Error>(
    rows: Range<Int>, _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let rowBytes = descriptor.width * descriptor.datatype.elementBytes
    precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCapacity && descriptor.datatype != .bytes)
    return unsafe try body(
      UnsafeMutableRawBufferPointer(rebasing: elements[rows.lowerBound * rowBytes..<rows.upperBound * rowBytes]))
  }
}

/// Where the bytes of a BYTES element lie in its column's text.
private struct TextPosition: BitwiseCopyable {
  var position: UInt32
  var count: UInt32
}
