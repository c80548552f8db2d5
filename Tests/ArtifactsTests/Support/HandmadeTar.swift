/// Archives made by hand, byte by byte, so that they can lie.
struct HandmadeTar {
  private(set) var bytes: [UInt8] = []

  /// Appends an entry.
  /// - Parameter size: what the header claims; by default the truth.
  /// - Parameter change: spoils the header before its checksum is made.
  mutating func add(
    _ path: [UInt8], _ content: [UInt8] = [], type: Unicode.Scalar = "0", size: Int? = nil, prefix: [UInt8] = [],
    change: (inout [UInt8]) -> Void = { _ in }
  ) {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ bytes: some Sequence<UInt8>, at start: Int) {
      for (offset, byte) in bytes.enumerated() { block[start + offset] = byte }
    }
    put(path.prefix(100), at: 0)
    put("0000644\0".utf8, at: 100)
    let digits = String(size ?? content.count, radix: 8)
    put((String(repeating: "0", count: 11 - digits.count) + digits).utf8, at: 124)
    put("00000000000".utf8, at: 136)
    block[156] = UInt8(ascii: type)
    put("ustar\u{0}00".utf8, at: 257)
    put(prefix, at: 345)
    change(&block)
    for offset in 148..<156 { block[offset] = 32 }
    let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
    put((String(repeating: "0", count: 6 - sum.count) + sum + "\u{0} ").utf8, at: 148)
    bytes += block + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  mutating func add(_ path: String, _ content: [UInt8] = [], type: Unicode.Scalar = "0", size: Int? = nil) {
    add(Array(path.utf8), content, type: type, size: size)
  }

  /// Appends anything.
  mutating func append(_ more: [UInt8]) { bytes += more }

  /// With the two blocks of zeros.
  var ended: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

  /// A pax record with its length.
  static func pax(_ keyword: String, _ value: String) -> [UInt8] {
    let rest = " \(keyword)=\(value)\n"
    var length = rest.utf8.count + 1
    while "\(length)\(rest)".utf8.count != length { length += 1 }
    return Array("\(length)\(rest)".utf8)
  }
}
