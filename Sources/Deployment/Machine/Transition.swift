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
  /// Whether somebody waits for it with a rollback or a promotion: it has a thread of its own.
  package var isUrgent: Bool

  /// A piece of work.
  package init(release: ReleaseRecord, kind: Kind, isUrgent: Bool) {
    self.release = release
    self.kind = kind
    self.isUrgent = isUrgent
  }

  /// The kinds of work, in the order in which a release needs them.
  package enum Kind: String, Sendable, CaseIterable {
    case fetch
    case verify
    case load
  }
}

/// What a worker learns.
package enum DeploymentInput: Sendable, Equatable {
  /// A command was read.
  case command(CommandEnvelope, offset: Int64, recordTime: Int64)
  /// A record was read that is no acceptable command.
  case refusedCommand(Refusal, offset: Int64)
  /// A step of a release is done.
  case workDone(Work, milliseconds: Double)
  /// A step of a release failed.
  case workFailed(Work, Refusal)
  /// Every lane has taken the routing that a model's activation published.
  case switched(model: String, generation: Int, firstOffsets: [String: Int64], milliseconds: Double)
  /// The end of the control topic was reached for the first time.
  case backlogEnded
  /// Time has passed.
  case tick
}
