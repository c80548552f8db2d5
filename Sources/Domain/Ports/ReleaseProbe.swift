/// Runs the whole validity gate on a release where it can do no harm.
///
/// Contract: blocks; called off the lanes, from any thread. Whatever the release does, crash, hang or take all memory,
/// stays without effect on the caller.
package protocol ReleaseProbe: Sendable {
  /// What the gate has found, with the release's time and memory; nil if it was given up before it knew.
  /// - Parameter live: what serves now, to be compared with.
  /// - Parameter giveUp: ends the probe early, from any thread.
  /// - Throws: a refusal where there is no report: `load_failed`, `too_slow`, `out_of_memory`.
  func probe(
    _ release: StoredRelease, against live: StoredRelease?, giveUp: GiveUp
  ) throws(Refusal) -> GateReport?
}
