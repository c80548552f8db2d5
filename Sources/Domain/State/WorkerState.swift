/// All that a worker has decided: what a restart comes back to.
package struct WorkerState: Sendable, Equatable {
  /// By model.
  package var models: [String: ModelLedger] = [:]
  /// Set by `pause` with scope `consume`.
  package var consumePause: Hold?
  /// The control record that is read next.
  package var controlOffset: Int64 = 0

  /// A worker that knows nothing yet.
  package init() {}
}

/// What a command came to, remembered so that a repeat is known.
package struct CommandRecord: Sendable, Equatable {
  package var id: String
  package var kind: CommandKind?
  package var model: String?
  package var controlOffset: Int64
  package var outcome: Outcome
  package var reason: RefusalReason?

  /// A record.
  package init(
    id: String, kind: CommandKind?, model: String?, controlOffset: Int64, outcome: Outcome, reason: RefusalReason? = nil
  ) {
    self.id = id
    self.kind = kind
    self.model = model
    self.controlOffset = controlOffset
    self.outcome = outcome
    self.reason = reason
  }

  /// Where a command is.
  package enum Outcome: String, Sendable {
    case accepted
    case applied
    case failed
    case rejected
  }
}

/// One move: what becomes durable together.
package struct StateChange: Sendable, Equatable {
  /// The state after the move.
  package var state: WorkerState
  /// Commands begun or ended by the move.
  package var commands: [CommandRecord] = []
  /// Events of the move.
  package var events: [Event] = []

  /// A move to `state`.
  package init(state: WorkerState) { self.state = state }
}
