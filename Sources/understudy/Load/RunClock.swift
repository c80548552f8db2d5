import Domain

/// Nanoseconds since a run began, by a clock that never goes back.
struct RunClock: Sendable {
  private let origin = ContinuousClock.now

  var now: Int64 { origin.duration(to: .now).nanoseconds }
}
