import Domain
import Foundation
import Glibc

/// The calls to the file system that this room needs, each with a refusal that names the path.
enum FileSystem {
  /// What `errno` says.
  static func errorText(_ code: Int32 = errno) -> String { unsafe String(cString: strerror(code)) }

  /// A refusal for what `errno` says: a full disk has a reason of its own.
  static func refusal(_ message: String) -> Refusal {
    let code = errno
    let isFull = code == ENOSPC || code == EDQUOT
    return Refusal(isFull ? .outOfDisk : .fetchFailed, "\(message): \(errorText(code))", mayRetry: mayPass(code))
  }

  /// A refusal for what `errno` says of a file that is to be read.
  static func refusal(_ message: String, else reason: RefusalReason) -> Refusal {
    let code = errno
    return Refusal(reason, "\(message): \(errorText(code))", mayRetry: mayPass(code))
  }

  /// Whether an error says nothing of what the path leads to, so that the same may succeed later: too many open files, a
  /// disk or a file server that does not answer, memory that is short.
  static func mayPass(_ code: Int32) -> Bool {
    ![ENOENT, ENOTDIR, EEXIST, EISDIR, ELOOP, ENAMETOOLONG, EINVAL, ENXIO].contains(code)
  }

  /// A refusal for what Foundation says, with the same reason of its own.
  static func refusal(_ message: String, _ error: any Error) -> Refusal {
    let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace
    return Refusal(
      isFull ? .outOfDisk : .fetchFailed, "\(message): \(error.localizedDescription)", mayRetry: isFull)
  }

  /// Creates a directory, and those above it, for this user alone.
  static func makeDirectories(_ path: String) throws(Refusal) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw refusal("cannot create \(path)", error)
    }
  }

  /// Creates a directory where nothing is.
  static func makeFreshDirectory(_ path: String) throws(Refusal) {
    guard unsafe mkdir(path, 0o700) == 0 else { throw refusal("cannot create the directory \(path)") }
  }

  /// Bytes of a regular file; nil if there is none.
  static func size(ofFile path: String) -> Int64? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int64(status.st_size)
  }

  /// Whether there is a directory, links not followed.
  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// As `isDirectory`, but what cannot be looked at now is not taken for missing.
  static func findDirectory(_ path: String) throws(Refusal) -> Bool {
    var status = stat()
    if unsafe lstat(path, &status) == 0 { return status.st_mode & S_IFMT == S_IFDIR }
    guard !mayPass(errno) else { throw refusal("cannot look at \(path)") }
    return false
  }

  /// The path without links; nil if there is nothing.
  static func resolved(_ path: String) -> String? {
    guard let resolved = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
  }

  /// Removes a file or a whole directory; nothing there is fine.
  static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

  /// Gives a file or directory its final name and brings the name to disk.
  static func move(_ source: String, to target: String) throws(Refusal) {
    guard unsafe rename(source, target) == 0 else { throw refusal("cannot rename \(source) to \(target)") }
    try synchronize(directory: URL(fileURLWithPath: target).deletingLastPathComponent().path)
  }

  /// Brings a directory's names to disk.
  static func synchronize(directory path: String) throws(Refusal) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw refusal("cannot open the directory \(path)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw refusal("cannot bring the directory \(path) to disk") }
  }

  /// Bytes that this user may still write to the disk of `path`; nil if the system does not say.
  static func freeBytes(_ path: String) -> Int64? {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else { return nil }
    return Int64(
      clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
  }

  /// The names in a directory, sorted; none if it cannot be read.
  static func names(in path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}
