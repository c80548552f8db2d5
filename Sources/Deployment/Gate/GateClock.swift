import Foundation

/// The clock by which the gate measures, so that tests can hold it still.
///
/// The gate gives way to the lanes, so that on a busy machine it mostly waits for a processor. That says nothing of the
/// release's deadline, and is not counted there.
package struct GateClock: Sendable {
  /// Nanoseconds since some moment; never goes back.
  package let nanoseconds: @Sendable () -> Int64
  /// Nanoseconds that this thread could have run and had no processor, so far.
  package let waited: @Sendable () -> Int64

  /// A clock.
  package init(_ nanoseconds: @escaping @Sendable () -> Int64, waited: @escaping @Sendable () -> Int64 = { 0 }) {
    self.nanoseconds = nanoseconds
    self.waited = waited
  }

  /// The machine's.
  package static let system: GateClock = {
    let start = ContinuousClock.now
    return GateClock(
      {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
      }, waited: { processorWait() })
  }()

  /// The second of the thread's scheduling statistics (Linux, Documentation/scheduler/sched-stats: time spent on a
  /// runqueue); 0 where the kernel keeps none. Waits of other threads that an engine computes with are not in it.
  private static func processorWait() -> Int64 {
    guard let text = try? String(contentsOfFile: "/proc/thread-self/schedstat", encoding: .utf8) else { return 0 }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? Int64(fields[1]) ?? 0 : 0
  }
}
