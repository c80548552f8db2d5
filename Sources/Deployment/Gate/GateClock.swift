import Foundation

/// The clocks by which the gate measures, so that tests can hold them still.
///
/// The gate gives way to the lanes, so that on a busy machine it mostly waits for a processor. That says nothing of the
/// release, and is not counted: what a run takes is the less of the time that has passed and the processors' time that the
/// process has used, which is more where an engine computes with several threads.
package struct GateClock: Sendable {
  /// Nanoseconds since some moment; never goes back.
  package let nanoseconds: @Sendable () -> Int64
  /// Nanoseconds of processors that all threads of this process have used so far.
  package let used: @Sendable () -> Int64

  /// A clock.
  package init(_ nanoseconds: @escaping @Sendable () -> Int64, used: @escaping @Sendable () -> Int64) {
    self.nanoseconds = nanoseconds
    self.used = used
  }

  /// The machine's.
  package static let system: GateClock = {
    let start = ContinuousClock.now
    return GateClock(
      {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
      },
      // Microseconds on every POSIX system (clock(3)).
      used: { Int64(Foundation.clock()) * 1000 })
  }()
}
