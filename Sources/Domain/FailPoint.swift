#if DEBUG
  import Glibc
#endif

/// A named place where a kill could hurt. Debug builds die there, by SIGKILL, when the environment variable
/// `UNDERSTUDY_FAIL_POINT` has its name, or stop (`scoring`); release builds hold no trace of it.
package enum FailPoint: String, CaseIterable, Sendable {
  /// The command is recorded, nothing is done yet.
  case accepted
  /// The archive is on disk, the step is not recorded.
  case fetched
  /// The release is unpacked, the step is not recorded.
  case verified
  /// The attempt to run the gate is recorded, its process is not started.
  case begun
  /// The gate has run in its process, the step is not recorded.
  case probed
  /// The test sets have run on what is live, nothing is recorded of it.
  case gated
  /// The release is loaded, the step is not recorded.
  case loaded
  /// The activation is recorded, the lanes still use the old routing.
  case activated
  /// The lanes use the new routing, the events are not recorded.
  case switched
  /// The events are on the broker, the outbox still holds them.
  case published
  /// The responses are produced, the offsets are not in the transaction.
  case produced
  /// The offsets are in the transaction, it is not committed.
  case offsetsSent
  /// The transaction is committed, nothing of it is remembered here.
  case committed
  /// A batch is being scored, without end: the process stops there (SIGSTOP), so that a test may end it in any way.
  case scoring

  /// No place to die at: releases that were let go of are kept, so that a check of memory has something to find.
  case leak

  /// Dies here if asked to.
  @inline(__always)
  package func reach() {
    #if DEBUG
      guard isAskedFor else { return }
      kill(getpid(), self == .scoring ? SIGSTOP : SIGKILL)
      while true { pause() }
    #endif
  }

  /// Whether the environment names it; never in release builds.
  package var isAskedFor: Bool {
    #if DEBUG
      if let name = unsafe getenv("UNDERSTUDY_FAIL_POINT") { return unsafe String(cString: name) == rawValue }
    #endif
    return false
  }
}
