/// A fixed list of names to recognise strings of a document by, without making a `String`.
///
/// Open addressing over a hash of eight bytes at a time. The names come from a manifest, so that a requester cannot
/// make chains longer.
@safe final class JSONNameTable {
  private let bytes: UnsafeMutablePointer<UInt8>
  private let entries: UnsafeMutablePointer<Entry>
  private let slots: UnsafeMutablePointer<Int32>
  private let mask: Int
  /// Names in the list.
  let count: Int
  private let longest: Int

  /// A table of these names; of equal names the first is found.
  init(_ names: [String]) {
    count = names.count
    longest = names.map(\.utf8.count).max() ?? 0
    let total = names.reduce(0) { $0 + $1.utf8.count }
    unsafe bytes = .allocate(capacity: total + Self.slack)
    unsafe bytes.initialize(repeating: 0, count: total + Self.slack)
    unsafe entries = .allocate(capacity: max(names.count, 1))
    var size = 8
    while size < 2 * names.count { size *= 2 }
    mask = size - 1
    unsafe slots = .allocate(capacity: size)
    unsafe slots.initialize(repeating: -1, count: size)
    var start = 0
    for (position, name) in names.enumerated() {
      for (offset, byte) in name.utf8.enumerated() { unsafe bytes[start + offset] = byte }
      let entry = Entry(start: start, count: name.utf8.count)
      unsafe entries[position] = entry
      start += entry.count
      if unsafe find(bytes + entry.start, entry.count) == nil {
        unsafe insert(position, hash: Self.hash(bytes + entry.start, entry.count))
      }
    }
  }

  deinit {
    unsafe bytes.deallocate()
    unsafe entries.deallocate()
    unsafe slots.deallocate()
  }

  /// UTF-8 of the name with this number.
  func name(_ number: Int) -> [UInt8] {
    precondition(number >= 0 && number < count)
    let entry = unsafe entries[number]
    return unsafe Array(UnsafeBufferPointer(start: bytes + entry.start, count: entry.count))
  }

  /// Whether the string at a position of a tape is the name with this number.
  @inline(__always)
  func isName(_ number: Int, _ tape: JSONTape, _ position: Int) -> Bool {
    let string = unsafe tape.stringBytes(position)
    guard let start = string.baseAddress else { return false }
    return unsafe isEqual(number, start, string.count)
  }

  /// The number of the name that the string at a position of a tape is, if it is one.
  func find(_ tape: JSONTape, _ position: Int) -> Int? {
    let string = unsafe tape.stringBytes(position)
    guard let start = string.baseAddress, string.count <= longest else { return nil }
    return unsafe find(start, string.count)
  }

  // MARK: Bytes

  /// Whole words are read, so that up to seven bytes behind a string are touched.
  private static let slack = 8

  private struct Entry {
    var start: Int
    var count: Int
  }

  private func insert(_ number: Int, hash: Int) {
    var slot = hash & mask
    while unsafe slots[slot] >= 0 { slot = (slot + 1) & mask }
    unsafe slots[slot] = Int32(truncatingIfNeeded: number)
  }

  @unsafe private func find(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int? {
    var slot = unsafe Self.hash(start, count) & mask
    while unsafe slots[slot] >= 0 {
      let number = Int(unsafe slots[slot])
      if unsafe isEqual(number, start, count) { return number }
      slot = (slot + 1) & mask
    }
    return nil
  }

  @inline(__always)
  @unsafe private func isEqual(_ number: Int, _ start: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    precondition(number >= 0 && number < self.count)
    let entry = unsafe entries[number]
    guard entry.count == count else { return false }
    var offset = 0
    while offset < count {
      let difference = unsafe Self.word(bytes + entry.start + offset) ^ Self.word(start + offset)
      if difference & Self.keep(count - offset) != 0 { return false }
      offset += 8
    }
    return true
  }

  @unsafe private static func hash(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var hash = UInt64(truncatingIfNeeded: count)
    var offset = 0
    while offset < count {
      hash = (hash ^ (unsafe word(start + offset) & keep(count - offset))) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
      offset += 8
    }
    return Int(truncatingIfNeeded: hash >> 16)
  }

  @inline(__always)
  @unsafe private static func word(_ start: UnsafePointer<UInt8>) -> UInt64 {
    unsafe UInt64(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt64.self))
  }

  /// Mask of the lowest `count` bytes.
  @inline(__always)
  private static func keep(_ count: Int) -> UInt64 {
    count >= 8 ? .max : (1 << UInt64(8 * count)) - 1
  }
}
