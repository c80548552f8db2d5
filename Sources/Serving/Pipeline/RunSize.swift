import Domain

/// How many rows a run of the stages takes: found by experiment, and again when rows begin to cost otherwise.
///
/// A run of few rows pays its own cost for each, one of many leaves the processor's caches; where the best lies depends
/// on the model, so each size is tried on rows that come anyway. The smallest that is nearly as fast as the fastest is
/// taken. Two things start a new trial: rows that cost half as much again, or a third less, than they did, for many runs
/// on end; and batches large enough for sizes that could not be tried.
package struct RunSize: Sendable, Equatable {
  /// What a size was measured to cost.
  package struct Measurement: Sendable, Equatable {
    /// Rows of a run.
    package var rows: Int
    /// Nanoseconds for each of its rows, in the fastest run.
    package var nanosecondsEach: Double

    /// A measurement.
    package init(rows: Int, nanosecondsEach: Double) {
      self.rows = rows
      self.nanosecondsEach = nanosecondsEach
    }
  }

  /// The sizes of the last trial so far, ascending.
  package private(set) var measured: [Measurement] = []
  /// The size that was chosen last; nil before the first choice.
  package private(set) var chosen: Int?
  /// Whether sizes are being tried.
  package private(set) var isTrying = true

  /// Whether the size was given: nothing is tried, whatever runs cost.
  package let isGiven: Bool

  private var trial = Trial()
  private var habit = Habit()

  /// The runs of one size.
  private struct Trial: Sendable, Equatable {
    var runs = 0
    var nanoseconds = 0.0
    var best = Double.infinity
    /// Runs in a row that had too few rows for the size.
    var misses = 0
  }

  /// What rows cost since the choice.
  private struct Habit: Sendable, Equatable {
    var runs = 0
    var average = 0.0
    /// The average after the first runs.
    var usual = 0.0
    var strangeRuns = 0
  }

  /// Nothing is known yet.
  package init() { isGiven = false }

  /// A size that stays, for measuring what must not depend on a clock.
  /// - Parameter rows: at least 1.
  package init(given rows: Int) {
    isGiven = true
    isTrying = false
    chosen = rows
  }

  /// Rows for the next run.
  /// - Parameter available: how many there are, at least 1.
  func rows(of available: Int) -> Int {
    if isTrying, available >= candidate { return candidate }
    // Too few for the size to be tried are run as well as is known.
    guard let size = isTrying ? best : chosen, size < available else { return available }
    // Runs of one length, not full ones and a rest.
    let runs = (available + size - 1) / size
    return (available + runs - 1) / runs
  }

  /// Takes a run in.
  /// - Returns: whether something was found: the cost of a size, or with `isTrying` over, the size to take.
  mutating func note(_ rows: Int, took duration: Duration, of available: Int) -> Bool {
    guard rows > 0, !isGiven else { return false }
    let nanoseconds = Double(max(1, duration.nanoseconds))
    if isTrying { return noteTrial(rows, nanoseconds, of: available) }
    watch(rows, nanoseconds / Double(rows), of: available)
    return false
  }

  // MARK: Trying

  private var candidate: Int { Limits.runSizes[min(measured.count, Limits.runSizes.count - 1)] }

  private mutating func noteTrial(_ rows: Int, _ nanoseconds: Double, of available: Int) -> Bool {
    guard rows == candidate, available >= candidate else {
      trial.misses += 1
      return trial.misses >= Limits.runsBesideTrial && settle()
    }
    trial.misses = 0
    trial.runs += 1
    trial.nanoseconds += nanoseconds
    trial.best = min(trial.best, nanoseconds / Double(rows))
    guard trial.runs >= Limits.runsPerTrial || trial.nanoseconds >= Double(Limits.trialMilliseconds) * 1e6 else {
      return false
    }
    measured.append(Measurement(rows: rows, nanosecondsEach: trial.best))
    trial = Trial()
    if measured.count == Limits.runSizes.count { settle() }
    return true
  }

  /// Ends a trial, if there is anything to choose from.
  /// - Returns: whether there was.
  @discardableResult
  mutating func settle() -> Bool {
    trial = Trial()
    habit = Habit()
    guard let best else { return false }
    isTrying = false
    chosen = best
    return true
  }

  /// The smallest size that is nearly as fast as the fastest; nil before the first measurement.
  private var best: Int? {
    guard let fastest = measured.map(\.nanosecondsEach).min() else { return nil }
    return measured.first { $0.nanosecondsEach <= fastest / 0.95 }?.rows
  }

  // MARK: Watching

  private mutating func watch(_ rows: Int, _ each: Double, of available: Int) {
    // The largest that was tried may not be the best: others wait for batches of their size.
    if measured.count < Limits.runSizes.count, chosen == measured.last?.rows, available >= candidate {
      isTrying = true
      return
    }
    // Short runs cost what they cost.
    guard let chosen, 2 * rows >= chosen else { return }
    habit.runs += 1
    habit.average += (each - habit.average) / Double(min(habit.runs, Limits.runsOfHabit))
    if habit.runs == Limits.runsOfHabit { habit.usual = habit.average }
    guard habit.runs > Limits.runsOfHabit else { return }
    let isStrange = habit.average > 1.5 * habit.usual || 1.5 * habit.average < habit.usual
    habit.strangeRuns = isStrange ? habit.strangeRuns + 1 : 0
    guard habit.strangeRuns >= Limits.runsOfHabit else { return }
    measured = []
    isTrying = true
  }
}
