import Domain

/// Nanoseconds since a bench began, by a clock that never goes back.
struct BenchClock: Sendable {
  private let origin = ContinuousClock.now

  var now: Int64 { origin.duration(to: .now).nanoseconds }
}
