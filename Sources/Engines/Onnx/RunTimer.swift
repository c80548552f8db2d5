import Domain
import Foundation

/// Ends runs that take longer than they may: one thread for all of them, which looks now and then.
///
/// A look that comes seconds late tells of a process that was stopped, or a machine that slept: that is nothing a run could
/// be blamed for, and its end moves by as much.
final class RunTimer: @unchecked Sendable {
  /// The one of the process, made for its first run.
  static let shared = RunTimer()

  private struct Timed {
    let run: OnnxRun
    var end: ContinuousClock.Instant
    var isEnded = false
  }

  // All under the condition's lock.
  private let condition = WaitCondition()
  private var runs: [Timed] = []
  private var lastLook = ContinuousClock.now
  /// Looks without a run: after some the thread waits for one.
  private var idleLooks = 0

  private init() {
    let thread = Thread { [self] in
      while true {
        rest(for: .milliseconds(Limits.interruptionPaceMilliseconds))
        condition.withLock {
          look(.now)
          if idleLooks < Limits.idleInterruptionLooks { return }
          while !condition.wait(atMost: .seconds(3600), until: { !runs.isEmpty }) {}
          lastLook = .now
          idleLooks = 0
        }
      }
    }
    thread.name = "understudy-timer"
    thread.start()
  }

  /// Runs a body, and ends the run if the body takes longer.
  /// - Returns: what the body returns, and whether the run was ended.
  func time<Value>(_ run: OnnxRun, within limit: Duration, _ body: () -> Value) -> (value: Value, isEnded: Bool) {
    let end = ContinuousClock.now + limit
    condition.withLock {
      runs.append(Timed(run: run, end: end))
      if idleLooks >= Limits.idleInterruptionLooks { condition.broadcast() }
    }
    let value = body()
    let isEnded = condition.withLock {
      runs.firstIndex { $0.run === run }.map { runs.remove(at: $0).isEnded } ?? false
    }
    return (value, isEnded)
  }

  private func look(_ now: ContinuousClock.Instant) {
    let gap = lastLook.duration(to: now)
    let stopped = gap > .milliseconds(Limits.stoppedProcessMilliseconds) ? gap : .zero
    for place in runs.indices where !runs[place].isEnded {
      runs[place].end += stopped
      guard runs[place].end <= now else { continue }
      runs[place].isEnded = true
      runs[place].run.end()
    }
    lastLook = now
    idleLooks = runs.isEmpty ? idleLooks + 1 : 0
  }
}
