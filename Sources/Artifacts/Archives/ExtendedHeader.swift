import Domain

/// The content of a pax header: records `<length> <keyword>=<value>\n` (POSIX.1-2001, pax, "pax Extended Header").
///
/// Tools write times, owners and attributes there, which a release does not keep. What would change the path or the
/// content of an entry is refused, since another reader could then see another release than we do.
enum ExtendedHeader {
  /// What keeps a header from being skipped; nil if nothing does.
  static func problem(_ bytes: [UInt8]) -> String? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard (1...6).contains(digits.count) else { return "a pax record without a length" }
      let length = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
      guard length > digits.count + 2, length <= rest.count else { return "a pax record of a wrong length" }
      let record = rest.prefix(length).dropFirst(digits.count)
      guard record.first == UInt8(ascii: " "), record.last == UInt8(ascii: "\n"),
        let separator = record.firstIndex(of: UInt8(ascii: "="))
      else { return "a pax record that is not written as length, keyword and value" }
      let keyword = String(decoding: record[record.startIndex + 1..<separator], as: UTF8.self)
      if changesContent(keyword) {
        return "a pax record \(ArchivePath.quoted(keyword)) (write the archive with --format=ustar)"
      }
      rest = rest.dropFirst(length)
    }
    return nil
  }

  private static func changesContent(_ keyword: String) -> Bool {
    ["path", "linkpath", "size", "hdrcharset", "charset"].contains(keyword) || keyword.hasPrefix("GNU.sparse")
  }
}
