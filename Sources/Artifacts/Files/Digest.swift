import Crypto
import Domain
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
  /// - Parameter reason: of the refusal when it is missing or no regular file.
  package static func sha256(
    ofFile path: String, else reason: RefusalReason = .fetchFailed
  ) throws(Refusal) -> String {
    let file = try InputFile(path, else: reason)
    var hasher = SHA256()
    while let piece = try file.read() { hasher.update(data: piece) }
    return text(hasher.finalize())
  }

  /// `sha256:<hex>` as commands write it.
  package static func named(_ hex: String) -> String { "sha256:" + hex }

  /// The 64 hexadecimal digits of `sha256:<hex>`; nil if it is anything else. What comes out is safe as the name of a
  /// file.
  package static func hex(_ digest: String) -> String? {
    guard digest.hasPrefix("sha256:") else { return nil }
    let digits = digest.dropFirst(7)
    let isHex = digits.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    return digits.utf8.count == 64 && isHex ? String(digits) : nil
  }

  static func text(_ digest: SHA256.Digest) -> String {
    digest.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
