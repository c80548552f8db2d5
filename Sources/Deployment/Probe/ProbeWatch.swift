import Domain
import Foundation
import Synchronization

/// Ends a child that takes too long or too much, from a thread of its own.
final class ProbeWatch: Sendable {
  enum Verdict: Sendable, Equatable {
    /// It took too long.
    case deadline
    /// It took too much memory.
    case memory
    /// Nobody waits for it any more.
    case givenUp
  }

  private struct State {
    var verdict: Verdict?
    var largestBytes: Int64 = 0
  }

  private let ended = Signal()
  private let finished = Signal()
  private let state = Mutex(State())

  /// How often the child's memory is looked at.
  private static let interval = 0.05

  init(_ process: Process, deadlineSeconds: Int, memoryBytes: Int64, giveUp: GiveUp) {
    let identifier = process.processIdentifier
    let deadline = ContinuousClock.now + .seconds(deadlineSeconds)
    let thread = Thread { [self] in
      while !ended.wait(timeout: Self.interval) {
        let bytes = MachineMemory.bytes("VmRSS", ofProcess: identifier) ?? 0
        let data = MachineMemory.bytes("VmData", ofProcess: identifier) ?? 0
        state.withLock { $0.largestBytes = max($0.largestBytes, data) }
        let verdict: Verdict? =
          giveUp.isAsked
          ? .givenUp : bytes > memoryBytes ? .memory : ContinuousClock.now > deadline ? .deadline : nil
        guard let verdict else { continue }
        state.withLock { $0.verdict = verdict }
        kill(identifier, SIGKILL)
        break
      }
      finished.signal()
    }
    thread.name = "understudy-watch"
    thread.start()
  }

  /// The child has ended.
  /// - Returns: why it was ended from here; nil if it was not.
  func end() -> Verdict? {
    ended.signal()
    finished.wait(timeout: 10)
    return state.withLock { $0.verdict }
  }

  /// The most that the child had asked for when it was looked at, in bytes.
  var largestBytes: Int64 { state.withLock { $0.largestBytes } }
}
