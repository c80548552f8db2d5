import Domain

/// Takes an archive apart for the releases topic: records with the key `<archive sha256>:<n>` and at most
/// `Limits.chunkBytes` of value.
///
/// Used by one thread at a time.
package final class ReleaseChunks {
  /// Chunks in all.
  package let count: Int
  private let file: InputFile
  private let archiveHex: String
  private let size: Int64
  private var number = 0
  private var position: Int64 = 0

  /// Opens an archive.
  /// - Throws: `fetch_failed` if it cannot be read, `digest_mismatch` if its size is not the one given.
  package init(archivePath: String, archiveDigest: String, size: Int64) throws(Refusal) {
    guard let hex = Digest.hex(archiveDigest) else {
      throw Refusal(.malformed, "\(archiveDigest): expected sha256: and 64 hexadecimal digits")
    }
    file = try InputFile(archivePath)
    guard file.size == size, size > 0 else {
      throw Refusal(.digestMismatch, "\(archivePath): expected \(size) bytes, found \(file.size)")
    }
    archiveHex = hex
    self.size = size
    count = Int((size + Int64(Limits.chunkBytes) - 1) / Int64(Limits.chunkBytes))
  }

  /// The next chunk; nil behind the last one.
  package func next() throws(Refusal) -> TopicRecord? {
    guard position < size else { return nil }
    let wanted = Int(min(size - position, Int64(Limits.chunkBytes)))
    var bytes: [UInt8] = []
    bytes.reserveCapacity(wanted)
    while bytes.count < wanted {
      guard let piece = try file.read(upTo: wanted - bytes.count) else {
        throw Refusal(.fetchFailed, "\(file.path) became shorter while it was read: expected \(size) bytes")
      }
      bytes += piece
    }
    let key = Self.key(archiveHex, number)
    number += 1
    position += Int64(wanted)
    return TopicRecord(key: Array(key.utf8), value: bytes)
  }

  /// The key of a chunk.
  package static func key(_ archiveHex: String, _ number: Int) -> String { "\(archiveHex):\(number)" }
}
