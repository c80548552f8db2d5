import Crypto
import Foundation

/// SHA-256 of bytes and files.
package enum Digest {
  /// 64 hexadecimal digits of some bytes.
  package static func sha256(_ bytes: [UInt8]) -> String {
    var hasher = SHA256()
    hasher.update(data: bytes)
    return text(hasher.finalize())
  }

  /// 64 hexadecimal digits of a file's content, read in pieces.
  package static func sha256(ofFile path: String) throws -> String {
    let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? handle.close() }
    var hasher = SHA256()
    while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { hasher.update(data: piece) }
    return text(hasher.finalize())
  }

  static func text(_ digest: SHA256.Digest) -> String {
    digest.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
