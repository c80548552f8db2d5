import Domain

extension LoadedRelease {
  /// Tries sizes of runs before the release serves, so that its first batches need not.
  ///
  /// Takes about `Limits.runSizeMilliseconds`, less where a release is fast; what a slow one leaves open is tried on the
  /// rows that it serves.
  /// - Parameter sample: real requests; repeated.
  package func findRunSize(_ sample: [[UInt8]], decoder: any RequestDecoder, encoder: any ResponseEncoder) {
    guard !sample.isEmpty else { return }
    let runner = OfflineRunner(self, style: .served, decoder: decoder, encoder: encoder)
    func batch(_ rows: Int) -> RecordBatch { OfflineRunner.batch((0..<rows).lazy.map { sample[$0 % sample.count] }) }
    let deadline = ContinuousClock.now + .milliseconds(Limits.runSizeMilliseconds)
    var rows = Limits.firstRunRows
    while runSize.isTrying, ContinuousClock.now < deadline {
      let started = ContinuousClock.now
      runner.process(batch(rows))
      // A batch cannot be ended early: it grows only while four times as much is still in time.
      if started + started.duration(to: .now) * 4 + started.duration(to: .now) < deadline {
        rows = min(4 * rows, Limits.runSizes.last ?? rows)
      }
    }
    var found = runSize
    if found.isTrying, found.settle() { keep(found) }
  }
}
