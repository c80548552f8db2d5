/// The clock by which the gate measures, so that tests can hold it still.
package struct GateClock: Sendable {
  /// Nanoseconds since some moment; never goes back.
  package let nanoseconds: @Sendable () -> Int64

  /// A clock.
  package init(_ nanoseconds: @escaping @Sendable () -> Int64) { self.nanoseconds = nanoseconds }

  /// The machine's.
  package static let system: GateClock = {
    let start = ContinuousClock.now
    return GateClock {
      let (seconds, attoseconds) = (ContinuousClock.now - start).components
      return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
  }()
}
