import Domain

/// How many of something fit into a time, by experience: small at first, then by what one was measured to take.
///
/// What a run costs by itself, whatever their number, is told from what each costs by a line through the last
/// measurements (least squares, older ones weighing less): else a run with a high cost of its own would be made ever
/// smaller, and cost ever more.
struct TimedLimit {
  private let targetNanoseconds: Double
  private let ceiling: Int
  private var nanosecondsEach: Double?
  private var sums = Sums()
  /// As many as fit now.
  private(set) var value: Int

  /// Weighted sums over counts n and times t.
  private struct Sums {
    var weight = 0.0
    var n = 0.0
    var t = 0.0
    var nn = 0.0
    var nt = 0.0
  }

  /// A limit that nothing is known for yet.
  init(milliseconds: Int, first: Int, ceiling: Int = .max) {
    targetNanoseconds = Double(milliseconds) * 1e6
    value = min(first, ceiling)
    self.ceiling = ceiling
  }

  /// Some of them failed together: fewer at a time until that is over.
  mutating func noteFailure() { value = min(value, Limits.rowsAfterFailure) }

  /// They were interrupted together: much fewer at a time until that is over.
  mutating func noteInterruption() { value = max(1, value / 4) }

  /// What so many were measured to take; zero while nothing is known.
  func expected(_ count: Int) -> Duration { .nanoseconds(Int64(min(1e15, (nanosecondsEach ?? 0) * Double(count)))) }

  /// Takes a measurement in. The limit falls at once, and grows at most fourfold at a time.
  mutating func note(_ count: Int, took duration: Duration) {
    guard count > 0 else { return }
    let each = costOfEach(Double(count), max(1, Double(duration.nanoseconds)))
    // One that was slow by chance is forgotten soon, one that was fast by chance changes little.
    let average = nanosecondsEach.map { each > $0 ? (each + $0) / 2 : (each + 3 * $0) / 4 } ?? each
    nanosecondsEach = average
    let fitting = Int(min(targetNanoseconds / average, 1e9))
    value = max(1, min(fitting, ceiling, value > ceiling / 4 ? ceiling : 4 * value))
  }

  /// What one more costs; where the counts so far hardly differ, its share of the whole.
  private mutating func costOfEach(_ n: Double, _ t: Double) -> Double {
    let decay = 0.8
    sums.weight = sums.weight * decay + 1
    sums.n = sums.n * decay + n
    sums.t = sums.t * decay + t
    sums.nn = sums.nn * decay + n * n
    sums.nt = sums.nt * decay + n * t
    let share = t / n
    let (meanN, meanT) = (sums.n / sums.weight, sums.t / sums.weight)
    let variance = sums.nn / sums.weight - meanN * meanN
    guard variance > 0.05 * meanN * meanN else { return max(1, share) }
    let slope = (sums.nt / sums.weight - meanN * meanT) / variance
    return max(1, share / 64, min(share, slope))
  }
}
