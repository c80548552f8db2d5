import CSpawn
import Domain
import Foundation

/// A process that we start and wait for, with no open file of ours but the three that it is given.
///
/// By posix_spawn(3) and not by Foundation's `Process`: in Swift 6.3 that reads behind the end of a directory entry when
/// it counts our open files, which ends us by SIGSEGV when these are many.
@safe package final class ChildProcess: @unchecked Sendable {
  /// How it has ended.
  package enum End: Sendable, Equatable {
    /// By itself, with this code.
    case exit(Int32)
    /// By the signal of this number.
    case signal(Int32)
  }

  /// It could not be started.
  package struct Failure: Error, CustomStringConvertible {
    /// The program's path.
    package var program: String
    /// As in errno(3).
    package var code: Int32

    package var description: String {
      "cannot start \(program): \(unsafe String(cString: strerror(code)))"
    }
  }

  /// The number by which the system knows it; it may be another's when this one has ended.
  package let identifier: Int32
  private let condition = WaitCondition()
  private var end: End?

  /// Starts it.
  /// - Parameters:
  ///   - program: its path; no search is made.
  ///   - environment: all of it.
  ///   - directory: where it begins; by default where we are.
  ///   - input: the descriptor of ours that it reads from, and nil for nothing; the others are those that it writes to.
  package init(
    _ program: String, _ arguments: [String], environment: [String: String], in directory: String? = nil,
    input: Int32? = nil, output: Int32? = nil, error: Int32? = nil
  ) throws(Failure) {
    let words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
    let settings = unsafe environment.map { unsafe strdup("\($0)=\($1)") } + [nil]
    defer { unsafe (words + settings).forEach { unsafe free($0) } }
    var identifier: pid_t = 0
    let code = unsafe understudy_spawn(
      &identifier, program, words, settings, directory, [input, output, error].map { $0 ?? -1 })
    guard code == 0 else { throw Failure(program: program, code: code) }
    self.identifier = identifier
    let thread = Thread { [self] in awaitEnd() }
    thread.name = "understudy-child"
    thread.start()
  }

  /// Its number stays its own until the end is noted, so that no signal of ours meets another process.
  private func awaitEnd() {
    var news = unsafe siginfo_t()
    while unsafe waitid(P_PID, id_t(identifier), &news, WEXITED | WNOWAIT) == -1 && errno == EINTR {}
    condition.withLock {
      var status: Int32 = 0
      // Whoever waits for all children of this process may have been told before.
      let isKnown = unsafe waitpid(identifier, &status, 0) == identifier
      let signal = status & 0x7f
      end = !isKnown ? .exit(-1) : signal == 0 ? .exit(status >> 8 & 0xff) : .signal(signal)
      condition.broadcast()
    }
  }

  /// Whether it has not ended yet.
  package var isRunning: Bool { condition.withLock { end == nil } }

  /// Sends it a signal, unless it has ended.
  package func signal(_ number: Int32) {
    condition.withLock { if end == nil { _ = kill(identifier, number) } }
  }

  /// Waits for its end.
  package func wait() -> End {
    while true { if let end = wait(atMost: .seconds(3600)) { return end } }
  }

  /// Waits for its end.
  /// - Returns: nil if the time was over before.
  package func wait(atMost limit: Duration) -> End? {
    condition.withLock { condition.wait(atMost: limit) { end != nil } ? end : nil }
  }
}
