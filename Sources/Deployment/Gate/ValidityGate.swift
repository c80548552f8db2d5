import Domain
import Serving
import Wire

/// Judges a release before it serves: promise P3.
///
/// The rows of its test sets go through the very pipeline that serves. Every check fills in its figures, also after
/// one has failed; of the failures the first in this order is the refusal: test sets, end-to-end set, metric, costs,
/// slices, time. Blocks; call it off the lanes. Never traps, whatever the release does.
package struct ValidityGate: Sendable {
  private let policy: GatePolicy
  private let contents: any ReleaseContents
  private let clock: GateClock

  /// A gate.
  package init(policy: GatePolicy, contents: any ReleaseContents, clock: GateClock = .system) {
    self.policy = policy
    self.contents = contents
    self.clock = clock
  }

  /// The two sets only: at start, before and while live.
  package func examineSets(_ release: LoadedRelease, _ stored: StoredRelease) -> GateReport {
    var examination = Examination(release, ReleaseTestSets(stored, contents: contents), policy)
    examination.runSets()
    return examination.conclusion
  }

  /// Rows of a release's test sets, to measure with.
  package func sample(of stored: StoredRelease) -> [[UInt8]] { ReleaseTestSets(stored, contents: contents).contexts }

  /// Everything: sets, costs and slices, time. Peak memory is the caller's to fill in.
  /// - Parameter live: what serves now; nil if nothing does.
  package func examine(
    _ release: LoadedRelease, _ stored: StoredRelease, against live: (LoadedRelease, StoredRelease)?
  ) -> GateReport {
    var examination = Examination(release, ReleaseTestSets(stored, contents: contents), policy)
    examination.runSets()
    examination.compare(with: live?.0)
    examination.runSlices()
    examination.measure(against: live?.0, clock)
    return examination.conclusion
  }
}
