#if DEBUG
  import Glibc
  import Synchronization
#endif

/// A named place where a kill could hurt. Debug builds die there, by SIGKILL, when the environment variable
/// `UNDERSTUDY_FAIL_POINT` has its name, or stop (`scoring`); release builds hold no trace of it.
///
/// `name` is the first time that the place is reached, `name:3` the third. A test walks all of them, so that none is
/// dead.
package enum FailPoint: String, CaseIterable, Sendable {
  // MARK: Commands and releases

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
  /// It is recorded that a release is no longer kept, its files are there.
  case retired
  /// They are gone.
  case removed

  // MARK: The state

  /// A move is written, its transaction in the state is not committed.
  case recording
  /// The move is on disk, and nothing that follows from it is done.
  case recorded
  /// The outbox holds events, none of them is on the broker.
  case publishing
  /// The events are on the broker, the outbox still holds them.
  case published
  /// The moving averages have moved, and are not written.
  case averaging
  /// They are written, and the process still counts.
  case averaged

  // MARK: A lane

  /// A batch is being scored, without end: the process stops there (SIGSTOP), so that a test may end it in any way.
  case scoring
  /// A batch is scored, no transaction holds its answers.
  case beginning
  /// The transaction has begun, nothing is produced in it.
  case opened
  /// The responses are produced, the offsets are not in the transaction.
  case produced
  /// The offsets are in the transaction, it is not committed.
  case offsetsSent
  /// The transaction is committed, nothing of it is remembered here.
  case committed
  /// A transaction has failed, and is not aborted.
  case aborting
  /// It is aborted, the lane is still behind what it had read.
  case aborted
  /// The lane has gone back to what was committed last, and has read nothing again.
  case rewound
  /// Producers are made anew because an outcome is unknown, the offsets are not asked for.
  case renewed
  /// Producers are initialised, none of them has been used.
  case initialised
  /// What lanes that are no more have left open is ended, the first lane does not run.
  case formerClosed
  /// Partitions come, and their offsets are known; the lane holds none of it.
  case assigning
  /// The lane holds them, and has read nothing.
  case assigned
  /// Partitions go, nothing is committed.
  case revoking
  /// What was open is committed, the group does not know that the lane has let go.
  case revoked

  // MARK: No place

  /// No place to die at: releases that were let go of are kept, so that a check of memory has something to find.
  case leak

  /// Those that can be died at.
  package static var places: [FailPoint] { allCases.filter { $0 != .leak } }

  /// Dies here if asked to.
  @inline(__always)
  package func reach() {
    #if DEBUG
      guard let asked = Self.asked, asked.point == self else { return }
      guard Self.reached.add(1, ordering: .relaxed).newValue == asked.time else { return }
      kill(getpid(), self == .scoring ? SIGSTOP : SIGKILL)
      while true { pause() }
    #endif
  }

  /// Whether the environment names it; never in release builds.
  package var isAskedFor: Bool {
    #if DEBUG
      return Self.asked?.point == self
    #else
      return false
    #endif
  }

  #if DEBUG
    /// What the environment names, and at which time it is to happen.
    private static let asked: (point: FailPoint, time: Int)? = {
      guard let text = unsafe getenv("UNDERSTUDY_FAIL_POINT").map({ unsafe String(cString: $0) }) else { return nil }
      let parts = text.split(separator: ":", maxSplits: 1)
      guard let point = parts.first.flatMap({ FailPoint(rawValue: String($0)) }) else { return nil }
      return (point, parts.count == 2 ? Int(parts[1]) ?? 1 : 1)
    }()
    private static let reached = Atomic<Int>(0)
  #endif
}
