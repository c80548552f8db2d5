import Domain

/// What one worker has made of a command so far.
struct WorkerOutcome: Equatable {
  let group: String
  let slot: String
  /// Milliseconds since 1970 at which it was heard of last, if that is too long ago to wait for it.
  var absentSince: Int64?
  /// How far it is: the last word of the newest event, such as `probed`.
  var step: String?
  /// The event that ended the command on it.
  var ending: Event?
  /// What its gate has found, as far as an event has told.
  var report: GateReport?
  /// What it knew of releases before the command was sent: figures of those whose gate need not run again.
  var known: [WorkerStatus.Release] = []

  var name: String { "\(group)/\(slot)" }

  /// Whether the wait is for it.
  var isWaitedFor: Bool { ending == nil && absentSince == nil }

  /// Whether it has refused the command, or could not carry it out.
  var hasRefused: Bool { ending.map { $0.type != .commandApplied } ?? false }

  /// The figures of the release that the command is about; nil if no gate has told any.
  var gate: WorkerStatus.Gate? {
    if let report { return WorkerStatus.Gate(report, passedAt: nil) }
    guard let ending else { return nil }
    return known.first { $0.model == ending.model && $0.version == ending.version }?.gate
  }
}
