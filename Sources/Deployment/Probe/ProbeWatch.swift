import Domain
import Foundation
import Synchronization

/// Ends a child that takes too long, and sees whether it comes near its memory's bound, from a thread of its own.
final class ProbeWatch: Sendable {
  enum Verdict: Sendable, Equatable {
    /// It took too long.
    case deadline
    /// Nobody waits for it any more.
    case givenUp
  }

  private struct State {
    var verdict: Verdict?
    var wasNearItsLimit = false
  }

  private let ended = Signal()
  private let finished = Signal()
  private let state = Mutex(State())

  /// How often the child's memory is looked at.
  private static let interval = Duration.milliseconds(50)

  init(_ process: ChildProcess, deadlineSeconds: Int, giveUp: GiveUp) {
    let identifier = process.identifier
    let deadline = ContinuousClock.now + .seconds(deadlineSeconds)
    let thread = Thread { [self] in
      while !ended.wait(atMost: Self.interval) {
        // The child sets its bound itself, when the live release is loaded: both are its own figures.
        let data = MachineMemory.bytes("VmData", ofProcess: identifier) ?? 0
        if let limit = MachineMemory.dataLimitBytes(ofProcess: identifier), data > limit / 10 * 9 {
          state.withLock { $0.wasNearItsLimit = true }
        }
        let verdict: Verdict? = giveUp.isAsked ? .givenUp : ContinuousClock.now > deadline ? .deadline : nil
        guard let verdict else { continue }
        state.withLock { $0.verdict = verdict }
        process.signal(SIGKILL)
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
    finished.wait(atMost: .seconds(10))
    return state.withLock { $0.verdict }
  }

  /// Whether it had asked for nine tenths of what it may have, when it was looked at.
  var wasNearItsLimit: Bool { state.withLock { $0.wasNearItsLimit } }
}
