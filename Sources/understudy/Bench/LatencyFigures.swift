import Domain

/// What the answers to a steady load have taken, each from when its request was due to when the answer was in a
/// reader's hands: a value that is told numbers and times.
struct LatencyFigures: Sendable {
  /// When requests are due; nil until the load is steady.
  var loop: OpenLoop?
  /// Requests that are due from here on count, in nanoseconds.
  var measuredFrom = Int64.max

  private(set) var all = LatencyHistogram()
  /// Of requests that were under way while no release was being switched, and while one was.
  private(set) var steady = LatencyHistogram()
  private(set) var switching = LatencyHistogram()
  /// The longest time without any answer, in nanoseconds, apart from switches and around them.
  private(set) var steadyGap: Int64 = 0
  private(set) var switchGap: Int64 = 0
  /// By second of measuring.
  private(set) var slices: [Slice] = []
  private var slice = LatencyHistogram()
  private var lastAnswer: Int64?
  private var window: Window?

  /// A second of answers.
  struct Slice: Sendable, Equatable {
    var count: Int
    var median: Double
    var ninetyNinth: Double
  }

  /// From a command to a little while after the first answer of what it made live.
  private struct Window {
    var start: Int64
    var firstAnswer: Int64?

    func overlaps(_ from: Int64, _ to: Int64) -> Bool {
      to >= start && (firstAnswer.map { from <= $0 + LatencyFigures.afterSwitch } ?? true)
    }
  }

  /// Nanoseconds that count as switching after the first answer of the new release: the other lanes switch meanwhile.
  static let afterSwitch: Int64 = 100_000_000
  private static let second: Int64 = 1_000_000_000

  /// Takes the first answer to a request.
  mutating func answered(_ number: Int, at now: Int64) {
    noteGap(at: now)
    guard let loop, number >= loop.first, case let due = loop.due(number), due >= measuredFrom else { return }
    closeSlices(before: now)
    let latency = now - due
    all.record(nanoseconds: latency)
    slice.record(nanoseconds: latency)
    if isSwitching(due, now) {
      switching.record(nanoseconds: latency)
    } else {
      steady.record(nanoseconds: latency)
    }
  }

  /// A command is sent.
  mutating func beginSwitch(at now: Int64) { window = Window(start: now) }

  /// The first answer of the new release is there.
  /// - Returns: nanoseconds since the command; nil if none is waited for.
  mutating func endSwitch(at now: Int64) -> Int64? {
    guard let started = window?.start, window?.firstAnswer == nil else { return nil }
    window?.firstAnswer = now
    return now - started
  }

  /// The load is over.
  mutating func finish() {
    if slice.count > 0, slices.count < Limits.benchSlices { closeSlice() }
  }

  private func isSwitching(_ from: Int64, _ to: Int64) -> Bool { window?.overlaps(from, to) ?? false }

  private mutating func noteGap(at now: Int64) {
    defer { lastAnswer = now }
    guard let last = lastAnswer, now >= measuredFrom else { return }
    let from = max(last, measuredFrom)
    if isSwitching(from, now) {
      switchGap = max(switchGap, now - from)
    } else {
      steadyGap = max(steadyGap, now - from)
    }
  }

  private mutating func closeSlices(before now: Int64) {
    while now - measuredFrom >= Int64(slices.count + 1) * Self.second, slices.count < Limits.benchSlices {
      closeSlice()
    }
  }

  private mutating func closeSlice() {
    // Seconds without an answer, of which there may be many at once, cost no histogram.
    guard slice.count > 0 else { return slices.append(Slice(count: 0, median: 0, ninetyNinth: 0)) }
    slices.append(
      Slice(
        count: slice.count, median: slice.milliseconds(percentile: 50),
        ninetyNinth: slice.milliseconds(percentile: 99)))
    slice = LatencyHistogram()
  }
}
