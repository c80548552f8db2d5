import Domain

/// What is done to the workers, their releases or their broker.
enum ChaosAction: Sendable, Equatable {
  /// SIGKILL; a supervisor starts it again.
  case kill(worker: Int)
  /// Started again, so that it dies at a named place; then a supervisor starts it once more.
  case killAt(FailPoint, worker: Int)
  /// SIGSTOP, and SIGCONT after a time that may be longer than its session and its transaction.
  case freeze(worker: Int, milliseconds: Int)
  /// SIGTERM; a supervisor starts it again.
  case terminate(worker: Int)
  /// SIGTERM, and back later: the group is smaller meanwhile.
  case away(worker: Int, milliseconds: Int)

  /// A good release.
  case release
  /// A good release that is stored, and promoted by a `traffic` command.
  case promote
  /// Back to what was announced so many good releases before; what comes later goes live.
  case rollback(steps: Int)
  /// The same, and what comes later is held until a `resume`.
  case holdAndResume(steps: Int)
  /// A release that must be refused.
  case corrupt(CorruptRelease)

  /// Requests of a kind fail, in order; embedded broker only.
  case failRequests(apiKey: Int16, codes: [Int32])
  /// The broker is away; embedded broker only.
  case brokerAway(milliseconds: Int)

  /// Whether it ends a process with SIGKILL.
  var isKill: Bool {
    switch self {
    case .kill, .killAt: true
    default: false
    }
  }

  /// Whether it has another release answer, if nothing comes in between.
  var isSwap: Bool {
    switch self {
    case .release, .promote, .rollback, .holdAndResume: true
    default: false
    }
  }

  var isCorrupt: Bool { if case .corrupt = self { true } else { false } }
}

/// A way in which a release is no good.
enum CorruptRelease: String, CaseIterable, Sendable {
  case wrongArchiveDigest
  case wrongManifestDigest
  case truncatedArchive
  case brokenGraph
  case wrongAnswers
  case poorMetric
  case crashes
  case hangs
  case eatsMemory

  /// What workers may refuse it for. One that is on its way when the next is announced may be superseded by that.
  var reasons: Set<RefusalReason> {
    switch self {
    case .wrongArchiveDigest, .wrongManifestDigest: [.digestMismatch]
    case .truncatedArchive: [.digestMismatch, .unsafeArchive]
    case .brokenGraph, .crashes: [.loadFailed]
    case .wrongAnswers: [.endToEndFailed]
    case .poorMetric: [.metricOutOfRange]
    case .hangs: [.tooSlow]
    // Its process may be ended by the kernel before it can say so.
    case .eatsMemory: [.outOfMemory, .loadFailed, .tooSlow]
    }
  }
}
