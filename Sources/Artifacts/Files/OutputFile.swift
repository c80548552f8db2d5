import Crypto
import Domain
import Foundation
import Glibc

/// A new file that counts and hashes what is written to it.
final class OutputFile {
  /// What was written.
  struct Content: Equatable {
    /// SHA-256, 64 hexadecimal digits.
    var sha256: String
    /// Bytes.
    var size: Int64
  }

  private let path: String
  private let handle: FileHandle
  private var hasher = SHA256()
  /// Bytes so far.
  private(set) var size: Int64 = 0

  /// Creates a file where there is none; never follows a link in its place.
  /// - Parameter exists: the reason of the refusal if there is something already.
  init(creating path: String, mode: mode_t = 0o600, exists: RefusalReason = .fetchFailed) throws(Refusal) {
    self.path = path
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    guard descriptor >= 0 else {
      throw errno == EEXIST
        ? Refusal(exists, "\(path): expected nothing there, found a file")
        : FileSystem.refusal("cannot create \(path)")
    }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// Appends bytes.
  func write(_ bytes: Data) throws(Refusal) {
    do {
      try handle.write(contentsOf: bytes)
    } catch {
      throw FileSystem.refusal("cannot write \(path)", error)
    }
    hasher.update(data: bytes)
    size += Int64(bytes.count)
  }

  /// Brings everything to disk and closes the file.
  func finish() throws(Refusal) -> Content {
    do {
      try handle.synchronize()
      try handle.close()
    } catch {
      throw FileSystem.refusal("cannot bring \(path) to disk", error)
    }
    return Content(sha256: Digest.text(hasher.finalize()), size: size)
  }
}
