/// Where the values and members of a document are, as far as it is one: found without a parser, so that broken
/// documents have some too.
struct JSONSpans {
  /// Strings, numbers, words and whole arrays and objects; keys too.
  private(set) var values: [Range<Int>] = []
  /// Keys with their values.
  private(set) var members: [Range<Int>] = []

  init(_ bytes: [UInt8]) {
    var open: [Int] = []
    // Keys whose value has not ended yet, by the depth that they are at.
    var keys: [Int: Int] = [:]
    var at = 0
    func isPart(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45].contains(byte)
    }
    while at < bytes.count {
      let start = at
      at += 1
      switch bytes[start] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        open.append(start)
        continue
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard let opening = open.popLast() else { continue }
        values.append(opening..<at)
      case UInt8(ascii: "\""):
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
        at = min(at + 1, bytes.count)
        values.append(start..<at)
        if at < bytes.count, bytes[at] == UInt8(ascii: ":") {
          keys[open.count] = start
          continue
        }
      case let byte where isPart(byte):
        while at < bytes.count, isPart(bytes[at]) { at += 1 }
        values.append(start..<at)
      default: continue
      }
      if let key = keys.removeValue(forKey: open.count) { members.append(key..<at) }
    }
  }
}
