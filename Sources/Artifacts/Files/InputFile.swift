import Domain
import Foundation
import Glibc

/// A regular file that is read in pieces from its front. Anything else (a directory, a device, a FIFO) is refused
/// before a byte is read, so that a path from outside cannot make us wait.
final class InputFile {
  /// As given.
  let path: String
  /// Bytes when it was opened.
  let size: Int64
  private let handle: FileHandle

  /// Opens a file.
  /// - Parameter reason: of the refusal when it is missing, no regular file or not readable; what may pass, may be tried
  ///   again.
  init(_ path: String, else reason: RefusalReason = .fetchFailed) throws(Refusal) {
    self.path = path
    // Without O_NONBLOCK the open of a FIFO would wait for a writer.
    let descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileSystem.refusal("cannot open \(path)", else: reason) }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw FileSystem.refusal("cannot look at \(path)", else: reason)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      throw Refusal(reason, "\(path): expected a regular file, found \(isDirectory ? "a directory" : "something else")")
    }
    size = Int64(status.st_size)
  }

  /// The next bytes, as many as are there up to `count`; nil at the end.
  func read(upTo count: Int = Limits.pieceBytes) throws(Refusal) -> Data? {
    do {
      guard let piece = try handle.read(upToCount: min(count, Limits.pieceBytes)), !piece.isEmpty else { return nil }
      return piece
    } catch {
      // It was opened as a regular file: what fails now is the disk, or the server that the file is on.
      throw Refusal(.fetchFailed, "cannot read \(path): \(error.localizedDescription)", mayRetry: true)
    }
  }

  /// The whole file, if it is no larger than `limit`.
  static func bytes(of path: String, limit: Int, else reason: RefusalReason) throws(Refusal) -> [UInt8] {
    let file = try InputFile(path, else: reason)
    var bytes: [UInt8] = []
    while let piece = try file.read() {
      bytes += piece
      guard bytes.count <= limit else {
        throw Refusal(reason, "\(path): expected at most \(limit) bytes, found \(file.size)")
      }
    }
    return bytes
  }
}
