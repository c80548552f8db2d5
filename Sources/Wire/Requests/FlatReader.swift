import Domain

/// Reads contexts of a flat form: one pass over the bytes, straight into the columns.
///
/// It knows little of JSON and stops at what it does not know: escapes, text beyond ASCII, exponents, numbers of more
/// digits than a double holds exactly, null. What it accepts has the same values as through the parser that knows all of
/// JSON: a decimal of at most 19 digits that make less than 2⁵³ is one exact double divided by a power of ten that is
/// another, and so rounded correctly (Clinger 1990, "How to read floating point numbers accurately").
///
/// A document must end with its closing bracket: no digit and no space goes on past it, so that only what may contain it,
/// a string, is held against the end.
@safe struct FlatReader {
  private let bytes: UnsafePointer<UInt8>
  private let count: Int
  private let powersOfTen: UnsafePointer<Double>
  private var at = 0

  /// A reader of one document; nil if it does not end with a closing bracket. The bytes and the form must outlive it.
  @unsafe private init?(_ bytes: UnsafePointer<UInt8>, count: Int, of form: FlatForm) {
    guard count >= 2, unsafe bytes[count - 1] == UInt8(ascii: "}") else { return nil }
    unsafe self.bytes = bytes
    self.count = count
    unsafe powersOfTen = form.powersOfTen
  }

  /// Reads the fields of a document into a row, and its identifier as JSON into `identifier`.
  /// - Returns: whether it is of the form and every value is allowed. If not, what was written counts for nothing.
  static func read(
    _ document: RawSpan, as form: FlatForm, _ plan: RequestPlan, into columns: borrowing Columns, row: Int,
    identifier: inout [UInt8]
  ) -> Bool {
    unsafe document.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress,
        var reader = unsafe FlatReader(base.assumingMemoryBound(to: UInt8.self), count: bytes.count, of: form)
      else { return false }
      return reader.read(form, plan, into: columns, row: row, identifier: &identifier)
    }
  }

  @inline(__always)
  private mutating func read(
    _ form: FlatForm, _ plan: RequestPlan, into columns: borrowing Columns, row: Int, identifier: inout [UInt8]
  ) -> Bool {
    // What the pointers below rely on.
    precondition(row >= 0 && plan.fields.count <= columns.all.count)
    let places = unsafe form.places
    return unsafe columns.elements.withUnsafeBufferPointer { elements in
      guard var place = places.baseAddress else { return false }
      let end = unsafe place + places.count
      while unsafe place < end {
        defer { unsafe place += 1 }
        if unsafe place.pointee.kind == .float32 {
          guard let number = unsafe skipShort(form, place) ?? longNumber(form, place.pointee),
            number >= (unsafe place.pointee.minimum), number <= (unsafe place.pointee.maximum)
          else { return false }
          let memory = unsafe elements[place.pointee.field]
          precondition((row &+ 1) &* MemoryLayout<Float>.stride <= memory.count)
          // At most 19 digits: always finite.
          unsafe memory.baseAddress.unsafelyUnwrapped.storeBytes(
            of: Float(number), toByteOffset: row &* MemoryLayout<Float>.stride, as: Float.self)
        } else {
          guard unsafe skipKey(form, place.pointee) else { return false }
          if unsafe place.pointee.kind == .identifier {
            guard readIdentifier(into: &identifier) else { return false }
          } else {
            guard unsafe read(place.pointee, plan, into: columns[place.pointee.field], row: row) else { return false }
          }
        }
      }
      return skip(UInt8(ascii: "}")) && at == count
    }
  }

  private mutating func longNumber(_ form: FlatForm, _ place: FlatForm.Place) -> Double? {
    skipKey(form, place) ? anyNumber() : nil
  }

  // MARK: Values

  private mutating func read(_ place: FlatForm.Place, _ plan: RequestPlan, into column: Column, row: Int) -> Bool {
    switch place.kind {
    case .float64:
      guard let number = number(), number >= place.minimum, number <= place.maximum else { return false }
      column.set(float64: number, at: row)
    case .int64:
      let field = plan.fields[place.field]
      guard let number = number(), let integer = Int64(exactly: number), integer >= field.minimumInteger,
        integer <= field.maximumInteger
      else { return false }
      column.set(int64: integer, at: row)
    case .bool:
      guard let truth = truth() else { return false }
      column.set(bool: truth, at: row)
    default:
      guard let text = text() else { return false }
      let span = unsafe UnsafeRawBufferPointer(start: bytes + text.lowerBound, count: text.count).bytes
      guard plan.isListedIfAny(place.field, text: span) else { return false }
      column.set(bytes: span, at: row)
    }
    return true
  }

  private mutating func readIdentifier(into identifier: inout [UInt8]) -> Bool {
    let start = at
    if peek() == UInt8(ascii: "\"") {
      guard let text = text(), text.count <= Limits.identifierBytes else { return false }
    } else {
      guard let number = number(), Int64(exactly: number) != nil else { return false }
      // "1.0" is a number like 1, and no integer to echo.
      for position in start..<at where unsafe bytes[position] == UInt8(ascii: ".") { return false }
    }
    unsafe identifier.append(contentsOf: UnsafeBufferPointer(start: bytes + start, count: at - start))
    return true
  }

  /// A number without an exponent; nil for any that needs more than one exact division, and for some
  /// zeros below zero.
  @inline(__always)
  private mutating func number() -> Double? {
    guard at &+ Self.shortBytes <= count else { return anyNumber() }
    return unsafe shortDecimal() ?? anyNumber()
  }

  /// A sign and the word behind it.
  private static let shortBytes = 9

  /// Goes past a key and a number as most are: no space around the key, and a short decimal. Nil, with nothing done, for
  /// others.
  @inline(__always)
  @unsafe private mutating func skipShort(_ form: FlatForm, _ place: UnsafePointer<FlatForm.Place>) -> Double? {
    let (start, keyCount) = (at, unsafe place.pointee.keyCount)
    guard start &+ keyCount &+ Self.shortBytes <= count,
      unsafe (JSONNameTable.word(bytes + start) ^ place.pointee.keyWord) & place.pointee.keyMask == 0,
      unsafe keyCount <= 8
        || JSONNameTable.isEqual(form.keys + place.pointee.keyStart + 8, bytes + start + 8, keyCount - 8)
    else { return nil }
    at = start &+ keyCount
    if let number = unsafe shortDecimal() { return number }
    at = start
    return nil
  }

  /// A number with a point within eight bytes, told and made from one word, without a loop. Nil for others. As many bytes
  /// as `shortBytes` must be there.
  ///
  /// Digits are found and joined as in Lemire, "Quickly parsing eight digits" (2018), the point taken out between them.
  @inline(__always)
  @unsafe private mutating func shortDecimal() -> Double? {
    let isNegative = unsafe bytes[at] == UInt8(ascii: "-")
    let start = isNegative ? at &+ 1 : at
    let word = unsafe JSONNameTable.word(bytes + start)
    // Digits become their values, everything else is above 9.
    let values = word ^ 0x3030_3030_3030_3030
    let others = ((values &+ 0x7676_7676_7676_7676) | values) & 0x8080_8080_8080_8080
    // In bits. Without a second one the end is that of the word, and what follows there is taken for the first byte.
    let point = others.trailingZeroBitCount & ~7
    let end = (others & (others &- 1)).trailingZeroBitCount & ~7
    // A digit before the point, one behind it, and no leading zero, as in all of JSON.
    guard point == 8 || point > 8 && values & 0xFF != 0, end > point &+ 8,
      (word &>> UInt64(point)) & 0xFF == UInt64(UInt8(ascii: "."))
    else { return nil }
    let follower = UInt8(truncatingIfNeeded: word &>> UInt64(end))
    guard follower == UInt8(ascii: ",") || follower == UInt8(ascii: "}") || Self.isSpace(follower) else { return nil }
    let before: UInt64 = 1 &<< UInt64(point) &- 1
    let digits = values & before | values >> 8 & ~before
    // The last digit comes to the highest byte: zeros stand before the first.
    var joined = digits &<< UInt64(72 &- end)
    joined = joined &* 10 &+ joined >> 8
    joined =
      ((joined & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
        &+ (joined >> 16 & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001) >> 32
    at = start &+ end / 8
    let number = Double(joined) / (unsafe powersOfTen[end / 8 &- point / 8 &- 1])
    return Double(bitPattern: number.bitPattern ^ (isNegative ? 1 &<< 63 : 0))
  }

  /// A number of any length: at most 19 digits that make less than 2⁵³, and not -0. Nil for others.
  ///
  /// What the loops need is copied out of the reader, so that it stays in registers.
  private mutating func anyNumber() -> Double? {
    let bytes = unsafe bytes
    var at = at
    let isNegative = unsafe bytes[at] == UInt8(ascii: "-")
    if isNegative { at &+= 1 }
    let start = at
    var mantissa: UInt64 = 0
    unsafe Self.digits(bytes, &at, &mantissa)
    // JSON has no leading zeros.
    guard at > start, at == start &+ 1 || (unsafe bytes[start]) != UInt8(ascii: "0") else { return nil }
    var digitCount = at &- start
    var scale = 0
    if unsafe bytes[at] == UInt8(ascii: ".") {
      at &+= 1
      let point = at
      unsafe Self.digits(bytes, &at, &mantissa)
      scale = at &- point
      guard scale > 0 else { return nil }
      digitCount &+= scale
    }
    // Up to 19 digits the mantissa cannot have overflowed.
    guard digitCount <= 19, mantissa < 1 << 53, mantissa > 0 || !isNegative else { return nil }
    self.at = at
    guard isEndOfValue else { return nil }
    let whole = Double(mantissa)
    let number = scale == 0 ? whole : whole / (unsafe powersOfTen[scale])
    return isNegative ? -number : number
  }

  @inline(__always)
  @unsafe private static func digits(
    _ bytes: UnsafePointer<UInt8>, _ at: inout Int, _ mantissa: inout UInt64
  ) {
    var digit = unsafe bytes[at] &- UInt8(ascii: "0")
    while digit < 10 {
      mantissa = mantissa &* 10 &+ UInt64(digit)
      at &+= 1
      digit = unsafe bytes[at] &- UInt8(ascii: "0")
    }
  }

  /// Where the bytes of a string lie: printable ASCII without escapes.
  private mutating func text() -> Range<Int>? {
    guard peek() == UInt8(ascii: "\"") else { return nil }
    at += 1
    let start = at
    while at < count {
      let byte = unsafe bytes[at]
      if byte == UInt8(ascii: "\"") {
        at += 1
        return isEndOfValue ? start..<at - 1 : nil
      }
      guard byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\\") else { return nil }
      at &+= 1
    }
    return nil
  }

  private mutating func truth() -> Bool? {
    let isTrue = peek() == UInt8(ascii: "t")
    let word: StaticString = isTrue ? "true" : "false"
    for offset in 0..<word.utf8CodeUnitCount {
      guard peek() == (unsafe word.utf8Start[offset]) else { return nil }
      at += 1
    }
    return isEndOfValue ? isTrue : nil
  }

  // MARK: Steps

  /// The byte at the position, which is the closing bracket at the latest; 0 behind it.
  @inline(__always)
  private func peek() -> UInt8 { at < count ? unsafe bytes[at] : 0 }

  /// Whether a value may end here.
  @inline(__always)
  private var isEndOfValue: Bool {
    let byte = peek()
    return byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || Self.isSpace(byte)
  }

  @inline(__always)
  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\t")
  }

  @inline(__always)
  private mutating func skipSpace() {
    while at < count, Self.isSpace(unsafe bytes[at]) { at &+= 1 }
  }

  /// Goes past a byte and the space before it.
  @inline(__always)
  private mutating func skip(_ byte: UInt8) -> Bool {
    skipSpace()
    guard peek() == byte else { return false }
    at &+= 1
    return true
  }

  /// Goes past the key of a field with what stands before and behind it.
  @inline(__always)
  private mutating func skipKey(_ form: FlatForm, _ place: FlatForm.Place) -> Bool {
    let key = unsafe form.keys + place.keyStart
    if at &+ place.keyCount &+ JSONNameTable.slack <= count,
      unsafe (JSONNameTable.word(bytes + at) ^ place.keyWord) & place.keyMask == 0,
      unsafe place.keyCount <= 8 || JSONNameTable.isEqual(key + 8, bytes + at + 8, place.keyCount - 8)
    {
      at &+= place.keyCount
    } else {
      guard unsafe skipSpacedKey(key, place.keyCount) else { return false }
    }
    // Always before the closing bracket: a key is not the end.
    if at < count, unsafe bytes[at] <= 0x20 { skipSpace() }
    return at < count
  }

  /// A key with space anywhere between its parts, or at the very end of the document.
  @unsafe private mutating func skipSpacedKey(_ key: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    guard unsafe skip(key[0]) else { return false }
    skipSpace()
    let nameCount = count - 2
    guard at + nameCount <= self.count else { return false }
    for offset in 0..<nameCount where unsafe key[1 + offset] != bytes[at + offset] { return false }
    at += nameCount
    return skip(UInt8(ascii: ":"))
  }
}
