/// The field `Content-Range: bytes <first>-<last>/<size>` of an answer with a part (RFC 9110, section 14.4).
struct ContentRange: Equatable {
  var first: Int64
  var last: Int64
  /// Of the whole; nil if the server does not know it.
  var size: Int64?

  /// Reads the field; nil if it says no range of bytes.
  init?(_ text: String) {
    guard text.lowercased().hasPrefix("bytes ") else { return nil }
    let parts = text.dropFirst("bytes ".count).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]), first <= last else {
      return nil
    }
    self.first = first
    self.last = last
    if parts[1] != "*" {
      guard let size = Self.number(parts[1]), last < size else { return nil }
      self.size = size
    }
  }

  private static func number(_ text: Substring) -> Int64? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(text) : nil
  }
}
