/// Notices a lane that has something to do and gets nowhere: a value without I/O.
///
/// librdkafka 2.0.2 can be stuck for good where it should heal by itself: a request in the queue of a broker that is gone
/// holds up the search for a coordinator (mended in 2.10), and polling any queue counts as a sign of life for
/// `max.poll.interval.ms` (mended in 2.1), so that the group does not notice either.
struct LaneWatchdog {
  private let limit: Duration
  private var lastMark: Int64?
  private var lastProgress: ContinuousClock.Instant

  /// - Parameter limit: how long a lane may get nowhere.
  init(limit: Duration, now: ContinuousClock.Instant = .now) {
    self.limit = limit
    lastProgress = now
  }

  /// Takes a look at the lane.
  /// - Parameter mark: any number that changes when the lane gets somewhere.
  /// - Parameter hasWork: whether there is anything that it could do.
  /// - Returns: how long it has got nowhere, if that is too long.
  mutating func look(mark: Int64, hasWork: Bool, now: ContinuousClock.Instant = .now) -> Duration? {
    if mark != lastMark || !hasWork {
      lastMark = mark
      lastProgress = now
      return nil
    }
    let idle = lastProgress.duration(to: now)
    return idle >= limit ? idle : nil
  }
}
