import Domain

/// Finds by experiment how many rows are best scored at once.
///
/// Each size is timed with real rows; the smallest one that is nearly as fast as the fastest is taken, since larger
/// batches only cost memory and patience.
package struct BatchSizeSearch: Sendable {
  /// What was measured, in the order of the sizes.
  package private(set) var measured: [Measurement] = []

  /// One size.
  package struct Measurement: Sendable, Equatable {
    package var rows: Int
    package var rowsPerSecond: Double

    /// A measurement.
    package init(rows: Int, rowsPerSecond: Double) {
      self.rows = rows
      self.rowsPerSecond = rowsPerSecond
    }
  }

  /// Measures, for about a second in all; slow releases stop at the size that takes that long.
  /// - Parameter sample: real requests; repeated for sizes that are larger.
  package init(_ runner: OfflineRunner, sample: [[UInt8]]) {
    guard !sample.isEmpty else { return }
    let deadline = ContinuousClock.now + .milliseconds(Limits.batchSearchMilliseconds)
    let share = Duration.milliseconds(Limits.batchSearchMilliseconds / Limits.batchSizes.count)
    for rows in Limits.batchSizes {
      if !measured.isEmpty, ContinuousClock.now >= deadline { return }
      let batch = OfflineRunner.batch((0..<rows).lazy.map { sample[$0 % sample.count] })
      // The first run of a size makes room.
      runner.process(batch)
      var best = Duration.seconds(86_400)
      let begun = ContinuousClock.now
      repeat {
        let started = ContinuousClock.now
        runner.process(batch)
        best = min(best, started.duration(to: .now))
      } while begun.duration(to: .now) < share
      measured.append(Measurement(rows: rows, rowsPerSecond: Double(rows) * 1e9 / Double(max(1, best.nanoseconds))))
    }
  }

  /// A search that was made elsewhere.
  package init(measured: [Measurement]) { self.measured = measured }

  /// The size to take.
  package var best: Int {
    let fastest = measured.map(\.rowsPerSecond).max() ?? 0
    return measured.first { $0.rowsPerSecond >= 0.95 * fastest }?.rows ?? Limits.gateBatchRows
  }
}
