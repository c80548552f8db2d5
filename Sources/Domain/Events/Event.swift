/// Something that happened to a command or a release on one worker.
///
/// Events are recorded in the transaction of the move that they tell of, and leave at least once with the same `id`.
package struct Event: Sendable, Equatable {
  /// Unique and stable; readers drop repeats by it.
  package var id: String
  /// What happened.
  package var type: EventType
  /// Milliseconds since 1970.
  package var time: Int64
  /// The command that caused it; nil for what a worker does by itself.
  package var commandID: String?
  package var model: String?
  package var version: String?
  /// What was live before, for activations.
  package var fromVersion: String?
  package var digest: String?
  /// Activations of the model on the worker, for activations.
  package var generation: Int?
  /// The worker's slot.
  package var worker: String
  package var group: String
  /// `live`, `stored`, `held`, `superseded`, `refused`, … in a word.
  package var outcome: String?
  package var reason: RefusalReason?
  /// For people: what to do.
  package var message: String?
  /// Milliseconds by step: `fetch verify probe load gate warm switch`.
  package var timings: [String: Double]
  /// For activations: the kind of command behind it, or `gate` if the worker went back by itself.
  package var cause: String?
  /// What the validity gate found.
  package var report: GateReport?
  /// For activations: by `<topic>-<partition>`, the first offset that the new release answers on this worker.
  package var firstOffsets: [String: Int64]?

  /// An event; the rest is set by who records it.
  package init(id: String, type: EventType, time: Int64, worker: String, group: String) {
    self.id = id
    self.type = type
    self.time = time
    self.worker = worker
    self.group = group
    timings = [:]
  }

  /// The event without what can make it long: a few thousand bytes on the wire.
  package var inShort: Event {
    var event = self
    event.message = message?.shortened(toBytes: Limits.statusTextBytes)
    (event.report, event.firstOffsets) = (nil, nil)
    return event
  }
}

/// The closed list of event types; `io.understudy.<raw value>.v1` on the wire.
package enum EventType: String, Sendable, CaseIterable {
  case commandAccepted = "command.accepted"
  case commandRejected = "command.rejected"
  case commandApplied = "command.applied"
  case commandFailed = "command.failed"
  case releaseAnnounced = "release.announced"
  case releaseFetched = "release.fetched"
  case releaseVerified = "release.verified"
  case releaseProbed = "release.probed"
  case releaseGated = "release.gated"
  case releaseWarmed = "release.warmed"
  case releaseLive = "release.live"
  case releaseStored = "release.stored"
  case releaseHeld = "release.held"
  case releaseSuperseded = "release.superseded"
  /// A step has failed and is tried again after a pause.
  case releasePostponed = "release.postponed"
  case releaseRefused = "release.refused"
  case releaseRetired = "release.retired"
  case gatePassed = "gate.passed"
  case gateFailed = "gate.failed"

  /// Whether a command has come to its end with this event.
  package var endsCommand: Bool {
    switch self {
    case .commandApplied, .commandFailed, .commandRejected: true
    default: false
    }
  }
}
