import Domain
import Foundation

@testable import understudy

/// The workers of a run, and the supervisor that starts them again. Used by one thread.
final class ChaosCrew {
  /// What the supervisor saw.
  struct Tally: Sendable, Equatable {
    var starts = 0
    var kills = 0
    var freezes = 0
    var terminations = 0
    /// Of which before the worker could hear it.
    var early = 0
    /// Ends with 75: the slot was another process's for a moment.
    var fenced = 0
    var deaths: [FailPoint: Int] = [:]
    var slowestEnd: Duration = .zero
    /// Ends that nobody asked for, with what was logged last.
    var unexpected: [String] = []
  }

  private struct Member {
    var worker: WorkerProcess?
    var failPoint: FailPoint?
    /// When it goes on after a SIGSTOP.
    var thaws: ContinuousClock.Instant?
    /// When it is started again.
    var returns: ContinuousClock.Instant?
    /// Whether a signal that ends it was sent, and when.
    var asked: (signal: Int32, at: ContinuousClock.Instant)?
  }

  private let worker: (_ slot: String, FailPoint?) throws -> WorkerProcess
  private let history: ChaosHistory
  private var members: [Member]
  private(set) var tally = Tally()

  /// - Parameter worker: starts the worker of a slot, which dies at a fail-point if one is given.
  init(
    _ count: Int, history: ChaosHistory, worker: @escaping (_ slot: String, FailPoint?) throws -> WorkerProcess
  ) throws {
    self.worker = worker
    self.history = history
    members = Array(repeating: Member(), count: count)
    for index in members.indices { try start(index) }
  }

  private static func slot(_ index: Int) -> String { "worker-\(index)" }

  private func start(_ index: Int, at failPoint: FailPoint? = nil) throws {
    members[index] = Member(worker: try worker(Self.slot(index), failPoint), failPoint: failPoint)
    tally.starts += 1
    history.note("start", ("worker", Self.slot(index)), ("fail_point", failPoint?.rawValue ?? ""))
  }

  // MARK: Faults

  func kill(_ index: Int) throws {
    guard let process = members[index].worker?.process, process.isRunning, members[index].asked == nil else { return }
    tally.kills += 1
    members[index].asked = (SIGKILL, .now)
    process.signal(SIGKILL)
  }

  /// Has it die at a named place: ends it, and starts it again as one that does.
  func kill(_ index: Int, at failPoint: FailPoint) throws {
    guard let process = members[index].worker?.process, process.isRunning, members[index].asked == nil else { return }
    try kill(index)
    try process.exit()
    try start(index, at: failPoint)
  }

  func freeze(_ index: Int, milliseconds: Int) {
    guard let process = members[index].worker?.process, process.isRunning, members[index].asked == nil,
      members[index].thaws == nil
    else { return }
    tally.freezes += 1
    members[index].thaws = .now + .milliseconds(milliseconds)
    process.signal(SIGSTOP)
  }

  /// - Parameter milliseconds: for which it stays away.
  func terminate(_ index: Int, away milliseconds: Int = 0) {
    guard let process = members[index].worker?.process, process.isRunning, members[index].asked == nil else { return }
    thaw(index)
    tally.terminations += 1
    members[index].asked = (SIGTERM, .now)
    members[index].returns = .now + .milliseconds(milliseconds)
    process.signal(SIGTERM)
  }

  private func thaw(_ index: Int) {
    guard members[index].thaws != nil else { return }
    members[index].thaws = nil
    members[index].worker?.process.signal(SIGCONT)
  }

  // MARK: Supervision

  /// Wakes those whose time has come, and starts those that have ended.
  func tend() throws {
    let now = ContinuousClock.now
    for index in members.indices {
      if let thaws = members[index].thaws, thaws <= now { thaw(index) }
      if let worker = members[index].worker, !worker.process.isRunning {
        try noteEnd(index, worker)
        members[index].worker = nil
      }
      if members[index].worker == nil, now >= members[index].returns ?? now { try start(index) }
    }
  }

  private func noteEnd(_ index: Int, _ worker: WorkerProcess) throws {
    let code = try worker.process.exit()
    let asked = members[index].asked
    let took = asked.map { $0.at.duration(to: .now) } ?? .zero
    history.note(
      "end", ("worker", Self.slot(index)), ("code", "\(code)"), ("fail_point", members[index].failPoint?.rawValue ?? "")
    )
    switch (code, asked?.signal, members[index].failPoint) {
    case (-SIGKILL, SIGKILL?, _): break
    case (-SIGKILL, _, let point?): tally.deaths[point, default: 0] += 1
    // It had not begun anything yet.
    case (-SIGTERM, SIGTERM?, _): tally.early += 1
    case (0, SIGTERM?, _): tally.slowestEnd = max(tally.slowestEnd, took)
    case (75, _, _):
      tally.fenced += 1
      // A supervisor backs off: the slot may be another process's for good.
      members[index].returns = max(members[index].returns ?? .now, .now + .seconds(3))
    default:
      tally.unexpected.append("\(Self.slot(index)) ended with \(code)\n\(worker.log.suffix(2000))")
    }
  }

  /// Has everybody run who is not to run for long: nobody is frozen or away.
  func gather() throws {
    for index in members.indices {
      thaw(index)
      if members[index].returns != nil { members[index].returns = .now }
    }
    try tend()
  }

  /// Ends all of them cleanly.
  func dismiss() throws {
    for index in members.indices { terminate(index) }
    for index in members.indices {
      guard let worker = members[index].worker else { continue }
      _ = try worker.process.exit()
      try noteEnd(index, worker)
      members[index].worker = nil
    }
  }
}
