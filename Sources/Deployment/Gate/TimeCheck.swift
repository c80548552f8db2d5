import Domain
import Serving

/// What a row and a request cost in time, against the live release and the declared deadline.
///
/// Both releases are measured in turns in one process, so that what else the machine does hits both alike; medians
/// count. What a run waits for a processor is left out (`GateClock`). The work is that of a lane: decode, stages, guard,
/// encode.
struct TimeCheck {
  private(set) var figures = GateReport.Resources()
  /// `too_slow` each time that it was measured; nil if nothing is declared or it is fast enough.
  private(set) var refusal: Refusal?
  private let clock: GateClock

  /// Measures with rows that the release can answer.
  init(_ contexts: [[UInt8]], release: LoadedRelease, live: LoadedRelease?, clock: GateClock) {
    self.clock = clock
    figures.maximumSlowdown = release.manifest.maximumSlowdown
    figures.deadlineMilliseconds = release.manifest.deadlineMilliseconds
    let runner = RowAnswers.runner(release)
    // Also the first run, which is slower than all that follow.
    let sound = zip(contexts, runner.answer(contexts)).filter { $0.1.status != .error }.map(\.0)
    guard !sound.isEmpty else { return }
    let liveRunner = live.map(RowAnswers.runner).flatMap { runner in
      runner.answer(sound).allSatisfy { $0.status != .error } ? runner : nil
    }
    // A machine that does other things can make anything slow once.
    for _ in 0..<Limits.gateTimingTries {
      measureBatches(sound, runner, liveRunner)
      measureRequests(sound, runner)
      refusal = problem(live).map { Refusal(.tooSlow, $0) }
      if refusal == nil { break }
    }
  }

  private mutating func measureBatches(_ contexts: [[UInt8]], _ runner: OfflineRunner, _ live: OfflineRunner?) {
    let batch = OfflineRunner.batch(contexts)
    let deadline = clock.nanoseconds() + Self.halfNanoseconds
    var times: [Int64] = []
    var liveTimes: [Int64] = []
    for round in 0..<Limits.gateTimingRounds {
      if round > 0, clock.nanoseconds() >= deadline { break }
      // Who comes first changes, since the second may find the caches warm.
      if round.isMultiple(of: 2) { times.append(time(batch, runner)) }
      if let live { liveTimes.append(time(batch, live)) }
      if !round.isMultiple(of: 2) { times.append(time(batch, runner)) }
    }
    let rows = Double(contexts.count)
    figures.rowMicroseconds = Self.median(times).map { $0 / 1000 / rows }
    figures.liveRowMicroseconds = Self.median(liveTimes).map { $0 / 1000 / rows }
  }

  private mutating func measureRequests(_ contexts: [[UInt8]], _ runner: OfflineRunner) {
    let deadline = clock.nanoseconds() + Self.halfNanoseconds
    var times: [Int64] = []
    for request in 0..<Limits.gateTimedRequests {
      if request > 0, clock.nanoseconds() >= deadline { break }
      times.append(time(OfflineRunner.batch([contexts[request % contexts.count]]), runner))
    }
    figures.requestMilliseconds = Self.median(times).map { $0 / 1_000_000 }
  }

  private func time(_ batch: borrowing RecordBatch, _ runner: OfflineRunner) -> Int64 {
    let (start, used) = (clock.nanoseconds(), clock.used())
    runner.process(batch)
    return min(clock.nanoseconds() - start, clock.used() - used)
  }

  private func problem(_ live: LoadedRelease?) -> String? {
    if let time = figures.rowMicroseconds, let liveTime = figures.liveRowMicroseconds,
      let maximum = figures.maximumSlowdown, let live, liveTime > 0, time > maximum * liveTime
    {
      return "a row takes \(FigureText.number(time)) µs, with \(live.identity.version) \(FigureText.number(liveTime)) "
        + "µs; acceptable is \(FigureText.number(maximum)) times that, \(FigureText.number(maximum * liveTime)) µs"
    }
    if let time = figures.requestMilliseconds, let deadline = figures.deadlineMilliseconds, time > deadline {
      return
        "a request of one row takes \(FigureText.number(time)) ms, the deadline is \(FigureText.number(deadline)) ms"
    }
    return nil
  }

  private static let halfNanoseconds = Int64(Limits.gateTimingMilliseconds) * 1_000_000 / 2

  private static func median(_ times: [Int64]) -> Double? {
    let sorted = times.sorted()
    guard !sorted.isEmpty else { return nil }
    return (Double(sorted[(sorted.count - 1) / 2]) + Double(sorted[sorted.count / 2])) / 2
  }
}
