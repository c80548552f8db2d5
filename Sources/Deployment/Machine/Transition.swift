import Domain

/// What one input does to a worker: what becomes durable, and what is to be done afterwards.
package struct Transition: Sendable, Equatable {
  /// The state after the input, with commands and events; written in one transaction before any action.
  package var change: StateChange
  /// What the controller does when that is on disk, in order.
  package var actions: [Action] = []

  /// A transition that changes nothing yet.
  init(state: WorkerState) { change = StateChange(state: state) }

  /// What is to be done outside of the state machine.
  package enum Action: Sendable, Equatable {
    /// Publish routing anew.
    case publishRouting
    /// Let a release's stages go.
    case unload(ReleaseIdentity)
    /// Delete a release's files.
    case removeFiles(ReleaseRecord)
    /// Stop consuming, or begin again.
    case setConsumptionPaused(Bool)
  }
}

/// The next step of a release that is to be done.
package struct Work: Sendable, Equatable {
  package var release: ReleaseRecord
  package var kind: Kind
  /// Who does it.
  package var hand: Hand

  /// A piece of work.
  package init(release: ReleaseRecord, kind: Kind, hand: Hand) {
    self.release = release
    self.kind = kind
    self.hand = hand
  }

  /// Whether somebody waits for it: live traffic, a rollback or a promotion.
  package var isUrgent: Bool { hand == .urgent || hand == .replacement }

  /// Whether its hand is free for it: for each model a hand does one piece of work at a time, a release is in one hand,
  /// and what nobody waits for has a bound over all models (`Limits.workAtOnce`).
  func hasHand(beside running: [Work]) -> Bool {
    let isTaken = running.contains { other in
      other.release.identity == release.identity
        || other.hand == hand && other.release.identity.model == release.identity.model
    }
    return !isTaken && (hand != .background || running.count { $0.hand == .background } < Limits.workAtOnce)
  }

  /// The kinds of work, in the order in which a release needs them.
  package enum Kind: String, Sendable, CaseIterable {
    /// The archive onto the disk.
    case fetch
    /// Unpacked, digests checked.
    case verify
    /// The whole validity gate, in a process of its own.
    case probe
    /// Stages into memory, then the test sets through them.
    case load
    /// The test sets once more, on what is in memory.
    case gate

    /// Whether it can end the process, so that each attempt is recorded before it is made.
    package var isRecordedFirst: Bool { self == .probe || self == .load }
  }

  /// Who does it: for each model each has a thread, and does one piece of work at a time.
  package enum Hand: Sendable, Equatable {
    /// What replaces a live release that failed, or was live before a restart: traffic waits for it.
    case replacement
    /// What a command waits for.
    case urgent
    /// New releases.
    case background
    /// What is live is watched, however long a new release takes.
    case watch
  }
}

/// What a worker learns.
package enum DeploymentInput: Sendable, Equatable {
  /// A command was read.
  case command(CommandEnvelope, offset: Int64, recordTime: Int64)
  /// A record was read that is no acceptable command.
  case refusedCommand(Refusal, offset: Int64)
  /// A step of a release that can end the process is about to be begun.
  case workBegun(Work)
  /// A step of a release is done.
  /// - Parameter timings: milliseconds by name, `load` and `gate` apart.
  case workDone(Work, timings: [String: Double], report: GateReport? = nil)
  /// A step of a release failed.
  case workFailed(Work, Refusal, report: GateReport? = nil)
  /// The worker ends in an orderly way while a step is under way: it is begun again, and does not count.
  case workAbandoned(Work)
  /// Every lane has taken the routing that a model's activation published.
  case switched(model: String, generation: Int, firstOffsets: [String: Int64], milliseconds: Double)
  /// The end of the control topic was reached for the first time.
  case backlogEnded
  /// Time has passed.
  case tick
}
