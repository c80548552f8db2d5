import Synchronization

/// Counts what a redrive does, in step with its transactions: what was aborted is not counted.
package final class RedriveCounts: Sendable {
  private let counts = Mutex(Counts())

  private struct Counts {
    var committed = RedriveReport()
    var open = RedriveReport()
  }

  /// Nothing counted yet.
  package init() {}

  /// What was committed so far.
  package var report: RedriveReport { counts.withLock(\.committed) }

  /// A transaction begins; what is open was aborted.
  package func begin() { counts.withLock { $0.open = RedriveReport() } }

  /// More was done in the open transaction.
  package func add(_ report: RedriveReport) { counts.withLock { $0.open.add(report) } }

  /// The open transaction is committed.
  package func commit() {
    counts.withLock { counts in
      counts.committed.add(counts.open)
      counts.open = RedriveReport()
    }
  }
}
