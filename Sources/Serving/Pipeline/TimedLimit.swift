import Domain

/// How many of something fit into a time, by experience: small at first, then by what one was measured to take.
struct TimedLimit {
  private let targetNanoseconds: Double
  private let ceiling: Int
  private var nanosecondsEach: Double?
  /// As many as fit now.
  private(set) var value: Int

  /// A limit that nothing is known for yet.
  init(milliseconds: Int, first: Int, ceiling: Int = .max) {
    targetNanoseconds = Double(milliseconds) * 1e6
    value = min(first, ceiling)
    self.ceiling = ceiling
  }

  /// Some of them failed together: fewer at a time until that is over.
  mutating func noteFailure() { value = min(value, Limits.rowsAfterFailure) }

  /// Takes a measurement in. The limit falls at once, and grows at most fourfold at a time.
  mutating func note(_ count: Int, took duration: Duration) {
    guard count > 0 else { return }
    let each = max(1, Double(duration.nanoseconds) / Double(count))
    // One that was slow by chance is forgotten soon, one that was fast by chance changes little.
    let average = nanosecondsEach.map { each > $0 ? (each + $0) / 2 : (each + 3 * $0) / 4 } ?? each
    nanosecondsEach = average
    let fitting = Int(min(targetNanoseconds / average, 1e9))
    value = max(1, min(fitting, ceiling, value > ceiling / 4 ? ceiling : 4 * value))
  }
}
