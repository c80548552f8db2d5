/// All that a worker has decided about one model: its releases, what went live when, and what keeps others from it.
///
/// A value: the deployment's state machine takes one with an event and gives the next one. What differs between the two
/// is written in one transaction of the state.
package struct ModelLedger: Sendable, Equatable {
  package var model: String
  /// Activations so far.
  package var generation: Int = 0
  /// Every release announced, in the order of announcement.
  package var releases: ReleaseList = []
  /// The stack of activations, oldest first. Rollback pops.
  package var activations: [Activation] = []
  /// A rollback, promotion or repeated announcement that waits for its release to be loaded.
  package var pendingSwitch: PendingSwitch?
  /// Set by a rollback, cleared by `resume`.
  package var hold: Hold?
  /// Set by `pause` with scope `activation`.
  package var pause: Hold?
  /// What was stopped because it failed its gate while live, until a command makes something live.
  package var stoppedVersion: String?

  /// A model that nothing is known of.
  package init(model: String) { self.model = model }

  /// The newest activation that is not planned: what answers requests, or what would if its release had not been
  /// refused.
  package var top: Activation? { activations.last { !$0.isPlanned } }

  /// The activation that answers requests.
  package var live: Activation? {
    guard let top, release(top.version)?.step == .live else { return nil }
    return top
  }

  /// The version that a rollback to `previous` would go back to.
  package var wayBack: String? {
    guard let live = activations.lastIndex(where: { !$0.isPlanned }) else { return nil }
    return activations[..<live].last { $0.version != activations[live].version }?.version
  }

  /// Position of a version in `releases`.
  package func position(of version: String) -> Int? { releases.position(of: version) }

  /// The sequence of a version.
  package func sequence(of version: String) -> Int64? { releases.sequence(of: version) }

  /// The record of a version.
  package func release(_ version: String) -> ReleaseRecord? { position(of: version).map { releases[$0] } }
}

/// One release as a worker knows it.
package struct ReleaseRecord: Sendable, Equatable {
  package var identity: ReleaseIdentity
  package var archiveDigest: String
  package var size: Int64
  package var uri: String
  package var step: ReleaseStep
  /// What becomes of it when it is loaded.
  package var intent: ReleaseIntent
  /// The command that announced it.
  package var commandID: String
  /// Whether that command has come to its end.
  package var isSettled: Bool
  /// Whether a rollback has left it: requests may not pin it any more.
  package var wasRolledBack: Bool
  /// Control offset of the announcement: the order of versions.
  package var sequence: Int64
  /// Milliseconds since 1970 of the last move.
  package var updatedAt: Int64
  package var reason: RefusalReason?
  package var message: String?
  /// How often its next step was begun, or failed in a way that a repeat may mend. Recorded before a step that can end
  /// the process, so that a release which does so is not tried for ever.
  package var attempts: Int = 0
  /// Milliseconds since 1970 before which the next step is not tried again.
  package var retryAt: Int64?
  /// What the validity gate found, last time. Of a release that is over the state keeps a summary.
  package var report: GateReport?
  /// Milliseconds since 1970 at which it passed the gate last.
  package var gatedAt: Int64?

  /// A release as announced.
  package init(_ ready: ModelReady, intent: ReleaseIntent, commandID: String, sequence: Int64, at time: Int64) {
    identity = ready.identity
    archiveDigest = ready.archiveDigest
    size = ready.size
    uri = ready.uri
    step = .announced
    self.intent = intent
    self.commandID = commandID
    isSettled = false
    wasRolledBack = false
    self.sequence = sequence
    updatedAt = time
  }
}

/// What becomes of a release when it is loaded.
package enum ReleaseIntent: String, Sendable {
  /// It goes live, unless something keeps it.
  case activate
  /// It is stored.
  case store
  /// It is stored, because the model is held.
  case hold
}

/// One step of a model's history.
package struct Activation: Sendable, Equatable {
  package var version: String
  /// The command behind it; nil if the worker went back by itself, because what was live failed its gate or could not be loaded.
  package var commandID: String?
  package var kind: CommandKind
  /// The model's generation that it began; 0 while planned.
  package var generation: Int
  /// Milliseconds since 1970.
  package var at: Int64
  /// What was live before.
  package var fromVersion: String?
  /// Not live yet: waits for its release to be loaded.
  package var isPlanned: Bool
  /// Read before serving began: it went live elsewhere, so it is history even if a newer one is live here first.
  package var isFromBacklog: Bool
  /// Every lane has taken it and the event is recorded.
  package var isConfirmed: Bool
  /// The version that must be live at the switch.
  package var ifCurrent: String?

  /// A planned activation.
  package init(
    version: String, commandID: String?, kind: CommandKind, at time: Int64, isFromBacklog: Bool,
    ifCurrent: String? = nil
  ) {
    self.version = version
    self.commandID = commandID
    self.kind = kind
    generation = 0
    at = time
    isPlanned = true
    self.isFromBacklog = isFromBacklog
    isConfirmed = false
    self.ifCurrent = ifCurrent
  }
}

/// A switch that waits for its release.
package struct PendingSwitch: Sendable, Equatable {
  package var version: String
  package var commandID: String
  package var kind: CommandKind
  /// Control offset of the command: releases announced after it come after the switch.
  package var sequence: Int64
  package var ifCurrent: String?

  /// A switch.
  package init(version: String, commandID: String, kind: CommandKind, sequence: Int64, ifCurrent: String? = nil) {
    self.version = version
    self.commandID = commandID
    self.kind = kind
    self.sequence = sequence
    self.ifCurrent = ifCurrent
  }
}

/// Something that keeps releases from going live, or a worker from consuming.
package struct Hold: Sendable, Equatable {
  /// The command behind it.
  package var commandID: String
  package var reason: String
  /// Milliseconds since 1970.
  package var since: Int64
  /// Milliseconds since 1970 at which it ends by itself.
  package var until: Int64?

  /// A hold.
  package init(commandID: String, reason: String, since: Int64, until: Int64? = nil) {
    self.commandID = commandID
    self.reason = reason
    self.since = since
    self.until = until
  }
}
