import Synchronization

/// Says that something need not be finished: nobody wants it any more, or something else is wanted more.
///
/// Whoever does the work looks at it from time to time, at least every `Limits.giveUpCheckMilliseconds` while it waits.
package final class GiveUp: Sendable {
  private let flag = Atomic<Bool>(false)

  /// Not given up yet.
  package init() {}

  /// Gives up.
  package func now() { flag.store(true, ordering: .releasing) }

  /// Whether it was given up.
  package var isAsked: Bool { flag.load(ordering: .acquiring) }

  /// Ends a fetch that was given up.
  /// - Throws: `fetch_failed`, which may be tried again.
  package func check() throws(Refusal) {
    if isAsked { throw Refusal(.fetchFailed, "the fetch was given up", mayRetry: true) }
  }
}
