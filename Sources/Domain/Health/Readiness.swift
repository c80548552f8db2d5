/// Whether a worker serves requests, and what keeps it from doing so: the closed list of reasons.
package struct Readiness: Sendable, Equatable {
  /// What keeps the worker from serving, most fundamental first; none if it serves.
  package private(set) var reasons: [Entry] = []
  /// What people should know although the worker is ready.
  package private(set) var notes: [Entry] = []

  package var isReady: Bool { reasons.isEmpty }

  /// A reason for programs and a message for people.
  package struct Entry: Sendable, Equatable {
    package var reason: Reason
    package var message: String
  }

  /// Raw values are what others see.
  package enum Reason: String, Sendable, CaseIterable {
    /// What was decided before is not restored yet.
    case starting
    /// The default model has nothing live.
    case noLiveRelease = "no_live_release"
    /// What was live does not pass its gate any more and was stopped; nothing has taken its place yet.
    case gateFailing = "gate_failing"
    /// No lane has joined the group and taken routing.
    case notInGroup = "not_in_group"
    /// The worker is about to end.
    case draining
    /// Consumption is paused by command: a note, since the worker does what it was told to.
    case paused
  }

  /// What readiness is decided by.
  package struct Facts: Sendable, Equatable {
    /// Whether the control topic was read to its end and what was live is in memory.
    package var isRestored = false
    /// Whether the worker was told to end.
    package var isDraining = false
    /// The model of requests that name none.
    package var defaultModel = ""
    /// Whether it has a live release.
    package var hasLiveRelease = false
    /// Whether requests are answered also without one (`when_no_release: answer`).
    package var answersWithoutRelease = false
    /// Models without a live release because it failed its gate, each with what failed.
    package var failingGates: [String: String] = [:]
    /// Lanes that are members of the group and have taken routing.
    package var servingLanes = 0
    /// Why consumption is paused; nil if it is not.
    package var pause: String?

    /// A worker that has just begun.
    package init() {}

    /// Takes what a worker has decided: what is live, what was stopped, whether it consumes.
    ///
    /// What fails its gate while live is stopped in the same move, so that a failing gate shows as a model with
    /// something stopped and nothing live.
    package mutating func read(_ state: WorkerState) {
      hasLiveRelease = state.models[defaultModel]?.live != nil
      pause = state.consumePause?.reason
      for ledger in state.models.values {
        guard ledger.live == nil, let version = ledger.stoppedVersion else { continue }
        let message = ledger.release(version)?.message.map { ": \($0)" } ?? ""
        failingGates[ledger.model] = "\(version) failed its gate while it was live and was stopped\(message)"
      }
    }
  }

  /// Decides by the facts.
  package init(_ facts: Facts) {
    if facts.isDraining { reasons.append(Entry(reason: .draining, message: "the worker is ending")) }
    if !facts.isRestored {
      reasons.append(
        Entry(reason: .starting, message: "the control topic is being read, or the live release is being loaded"))
    } else if !facts.hasLiveRelease, !facts.answersWithoutRelease {
      let model = facts.defaultModel
      reasons.append(
        Entry(
          reason: .noLiveRelease,
          message: "no release of \(model) is live: publish one with `understudy publish`, or promote a stored one"))
    }
    for (model, message) in facts.failingGates.sorted(by: { $0.key < $1.key }) {
      reasons.append(Entry(reason: .gateFailing, message: "\(model): \(message)"))
    }
    if facts.servingLanes == 0 {
      reasons.append(Entry(reason: .notInGroup, message: "no lane has joined the group and taken routing"))
    }
    if let pause = facts.pause { notes.append(Entry(reason: .paused, message: "consumption is paused: \(pause)")) }
  }
}
