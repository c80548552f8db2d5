/// How far a release has come on one worker.
package enum ReleaseStep: String, Sendable, CaseIterable {
  /// The command is accepted; nothing is fetched yet.
  case announced
  /// The archive is on disk and has the announced digest.
  case fetched
  /// Unpacked; manifest and files have their digests.
  case verified
  /// Has passed its validity gate in a process of its own.
  case probed
  /// Loaded, and has passed its test sets in the worker: can serve at once.
  case warm
  /// Answers requests.
  case live
  /// On disk, not loaded.
  case stored
  /// On disk, and kept from going live by a rollback's hold or a pause.
  case held
  /// A newer one went live first; its files are gone.
  case superseded
  /// Did not prove itself; its files are gone.
  case refused
  /// Was usable once; its files are gone.
  case retired

  /// Whether work is still to be done before it is warm or stored.
  package var isInProgress: Bool {
    self == .announced || self == .fetched || self == .verified || self == .probed
  }
  /// Whether its files are complete on disk.
  package var isOnDisk: Bool { isProved || self == .verified || self == .probed }
  /// Whether it is remembered only: its files are gone and nothing more is to be done.
  package var isOver: Bool { !isInProgress && !isOnDisk }
  /// Whether it has passed its gate once and its files are still there.
  package var isProved: Bool { isLoaded || self == .stored || self == .held }
  /// Whether a rollback or a promotion may name it: on disk, on its way there, or passed over, which is fetched again,
  /// since another worker of the group may have had it live.
  package var canBeSwitchedTo: Bool { isOnDisk || isInProgress || self == .superseded }
  /// Whether it is to be in memory.
  package var isLoaded: Bool { self == .warm || self == .live }
}
