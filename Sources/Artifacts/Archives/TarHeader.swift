import Domain

/// One header block of a tar archive: POSIX ustar, and GNU's variant as far as it says the same (POSIX.1-2001, pax,
/// "ustar Interchange Format").
struct TarHeader: Equatable {
  /// Bytes of a block: headers are one block, contents are padded to whole ones.
  static let blockBytes = 512
  /// Archives are padded to whole records, as other tools do, so that the same files give the same bytes as theirs.
  static let recordBytes = 10_240
  /// The largest content that eleven octal digits can tell.
  static let largestContent = 0o77777777777

  /// What an entry is.
  enum Kind: Equatable {
    case file
    case directory
    /// A pax header: `x` for the next entry, `g` for all that follow.
    case extended
    /// What a release may not hold, in words.
    case other(String)
  }

  /// As stored, not checked.
  var path: String
  /// Bytes of the content that follows.
  var size: Int
  var kind: Kind

  // MARK: Writing

  /// The block of a regular file with mode 0644 and no owner, as Python's tarfile writes it.
  /// - Returns: nil if the path does not fit the two fields that ustar has for it, or the size its field.
  static func block(path: String, size: Int) -> [UInt8]? {
    guard let (prefix, name) = split(path), size >= 0, size <= largestContent else { return nil }
    var block = [UInt8](repeating: 0, count: blockBytes)
    func put(_ bytes: some Sequence<UInt8>, at start: Int) {
      for (offset, byte) in bytes.enumerated() { block[start + offset] = byte }
    }
    put(name.utf8, at: 0)
    put("0000644".utf8, at: 100)
    put("0000000".utf8, at: 108)
    put("0000000".utf8, at: 116)
    put(octal(size, digits: 11).utf8, at: 124)
    put("00000000000".utf8, at: 136)
    put("0".utf8, at: 156)
    put("ustar".utf8, at: 257)
    put("00".utf8, at: 263)
    put(prefix.utf8, at: 345)
    put(octal(checksum(block), digits: 6).utf8, at: 148)
    block[154] = 0
    block[155] = UInt8(ascii: " ")
    return block
  }

  /// A path above 100 bytes is split at the first slash that lets both parts fit.
  private static func split(_ path: String) -> (prefix: String, name: String)? {
    if path.utf8.count <= 100 { return ("", path) }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    for count in 1..<max(parts.count, 1) {
      let prefix = parts[..<count].joined(separator: "/")
      let name = parts[count...].joined(separator: "/")
      if prefix.utf8.count <= 155, name.utf8.count <= 100 { return (prefix, name) }
    }
    return nil
  }

  private static func octal(_ value: Int, digits: Int) -> String {
    let text = String(value, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  // MARK: Reading

  /// Why a block is no header.
  struct Problem: Error, Equatable {
    var message: String
  }

  /// Reads a block of 512 bytes that is not all zero.
  init(block: [UInt8]) throws(Problem) {
    guard block.count == Self.blockBytes else { throw Problem(message: "expected \(Self.blockBytes) bytes") }
    let isUstar = block[257..<263].elementsEqual("ustar\0".utf8)
    let isGNU = block[257..<265].elementsEqual("ustar  \0".utf8)
    guard isUstar || isGNU else { throw Problem(message: "expected a tar archive in the ustar format") }
    guard let stored = Self.number(block[148..<156]), stored == Self.checksum(block) else {
      throw Problem(message: "the header's checksum is wrong: the archive is damaged")
    }
    guard let size = Self.number(block[124..<136]) else {
      throw Problem(message: "expected a size of at most eleven octal digits")
    }
    guard let name = Self.text(block[0..<100]), let prefix = isUstar ? Self.text(block[345..<500]) : "" else {
      throw Problem(message: "expected a path in UTF-8 without NUL")
    }
    path = prefix.isEmpty ? name : "\(prefix)/\(name)"
    self.size = size
    kind = Self.kind(block[156])
  }

  /// Sum of all bytes, those of the checksum itself counted as spaces.
  static func checksum(_ block: [UInt8]) -> Int {
    var sum = 0
    for (offset, byte) in block.enumerated() { sum += (148..<156).contains(offset) ? 32 : Int(byte) }
    return sum
  }

  /// Octal digits between spaces, ended by a space, a NUL or the field's end, with nothing behind.
  private static func number(_ field: ArraySlice<UInt8>) -> Int? {
    let isBlank = { (byte: UInt8) in byte == 0 || byte == UInt8(ascii: " ") }
    let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { (0x30...0x37).contains($0) }
    guard !digits.isEmpty, field[digits.endIndex...].allSatisfy(isBlank) else { return nil }
    return digits.reduce(0) { $0 * 8 + Int($1 - 0x30) }
  }

  /// Bytes up to the first NUL, behind which there must be no others.
  private static func text(_ field: ArraySlice<UInt8>) -> String? {
    let bytes = field.prefix { $0 != 0 }
    guard field[bytes.endIndex...].allSatisfy({ $0 == 0 }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func kind(_ flag: UInt8) -> Kind {
    switch flag {
    case UInt8(ascii: "0"), 0: .file
    case UInt8(ascii: "1"): .other("a hard link")
    case UInt8(ascii: "2"): .other("a symbolic link")
    case UInt8(ascii: "3"), UInt8(ascii: "4"): .other("a device")
    case UInt8(ascii: "5"): .directory
    case UInt8(ascii: "6"): .other("a FIFO")
    case UInt8(ascii: "x"), UInt8(ascii: "g"): .extended
    case UInt8(ascii: "L"), UInt8(ascii: "K"): .other("a GNU long name (write the archive with --format=ustar)")
    case UInt8(ascii: "S"): .other("a sparse file")
    default: .other("an entry of unknown type \(flag)")
    }
  }
}
