import Domain
import Foundation
import Glibc

/// The directory that holds a worker's state, locked for one process.
///
/// The lock is the kernel's (flock): it ends with the process, however that dies.
package final class StateDirectory: Sendable {
  /// Absolute path.
  package let path: String
  private let descriptor: Int32

  /// Creates the directory if need be and locks it.
  /// - Parameter owner: what a second process is told, e.g. `slot worker-0`.
  package init(path: String, owner: String) throws(StateError) {
    let url = URL(fileURLWithPath: path)
    self.path = url.path
    do {
      try FileManager.default.createDirectory(
        at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw .failed("cannot create the state directory \(url.path): \(error.localizedDescription)")
    }
    let file = url.appendingPathComponent("lock").path
    descriptor = unsafe open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .failed("cannot open \(file): \(unsafe String(cString: strerror(errno)))")
    }
    guard Self.lock(descriptor) else {
      let other = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
      Glibc.close(descriptor)
      throw .locked(path: url.path, owner: other.isEmpty ? "unknown" : other)
    }
    let text = Array("\(owner), process \(getpid())".utf8)
    ftruncate(descriptor, 0)
    _ = unsafe text.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// Asks for a moment (`Limits.stateHandoverMilliseconds`).
  private static func lock(_ descriptor: Int32) -> Bool {
    let end = ContinuousClock.now + .milliseconds(Limits.stateHandoverMilliseconds)
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR, ContinuousClock.now < end else { return false }
      usleep(10_000)
    }
    return true
  }

  deinit {
    Glibc.close(descriptor)
  }
}
