import Domain
import Foundation
import Testing

@testable import understudy

/// How latencies are counted, with clocks that the tests turn.
@Suite("The bench's latencies")
struct LatencyTests {
  private static let millisecond: Int64 = 1_000_000
  private static let second: Int64 = 1_000_000_000

  @Test("A request is due when it is due, and at that moment it is", arguments: [1, 3, 7, 300, 999, 20_000, 1_000_000])
  func loop(perSecond: Int) {
    let loop = OpenLoop(start: 17, perSecond: perSecond, first: 5)
    #expect(loop.end(at: 16) == 5 && loop.due(5) == 17 && loop.due(5 + perSecond) == 17 + Self.second)
    for number in stride(from: 5, to: 5 + 3 * perSecond, by: max(1, perSecond / 50)) {
      #expect(loop.end(at: loop.due(number)) == number + 1)
      #expect(loop.end(at: loop.due(number) - 1) == number)
    }
  }

  /// A load of 1000 requests a second for ten seconds, each answered a millisecond after it is sent.
  private func run(stallAt: Int64?) -> (figures: LatencyFigures, late: LatencyHistogram) {
    let loop = OpenLoop(start: 0, perSecond: 1000, first: 0)
    var figures = LatencyFigures()
    figures.loop = loop
    figures.measuredFrom = 0
    var late = LatencyHistogram()
    var (now, sent): (Int64, Int) = (0, 0)
    while now < 10 * Self.second {
      let end = loop.end(at: now)
      for number in sent..<end {
        late.record(nanoseconds: now - loop.due(number))
        figures.answered(number, at: now + Self.millisecond)
      }
      sent = end
      now += now == stallAt ? Self.second : Self.millisecond
    }
    figures.finish()
    return (figures, late)
  }

  @Test("A sender that stands still for a second shows in the percentiles: its requests were due all the while")
  func stall() {
    let (smooth, onTime) = run(stallAt: nil)
    #expect(smooth.all.maximum == 1 && onTime.maximum == 0)
    let (figures, late) = run(stallAt: 5 * Self.second)
    let all = figures.all
    #expect(all.count == smooth.all.count)
    #expect(all.milliseconds(percentile: 50) == 1)
    // A tenth of all requests was held up, by up to a second, evenly.
    #expect(abs(all.milliseconds(percentile: 95) - 501) < 5)
    #expect(abs(all.milliseconds(percentile: 99) - 901) < 5)
    #expect(abs(all.maximum - 1000) < 1.5 && abs(late.maximum - 999) < 1.5)
    #expect(figures.slices.map(\.count).reduce(0, +) == all.count)
    #expect(figures.slices[2].ninetyNinth == 1)
    #expect((figures.slices.map(\.ninetyNinth).max() ?? 0) > 900)
  }

  @Test("Requests of the warm-up do not count")
  func warmUp() {
    var figures = LatencyFigures()
    figures.loop = OpenLoop(start: 0, perSecond: 10, first: 100)
    figures.measuredFrom = Self.second
    figures.answered(99, at: Self.second)
    figures.answered(109, at: Self.second + 1)
    #expect(figures.all.count == 0)
    figures.answered(110, at: Self.second + Self.millisecond)
    #expect(figures.all.count == 1 && figures.all.maximum == 1)
  }

  @Test("Seconds are told apart for a day, and no longer")
  func longRun() {
    var figures = LatencyFigures()
    figures.loop = OpenLoop(start: 0, perSecond: 1, first: 0)
    figures.measuredFrom = 0
    figures.answered(0, at: Int64(Limits.benchSlices - 1) * Self.second)
    #expect(figures.slices.count == Limits.benchSlices - 1)
    figures.answered(1, at: Int64(2 * Limits.benchSlices) * Self.second)
    figures.finish()
    #expect(figures.slices.count == Limits.benchSlices && figures.all.count == 2)
  }

  @Test(
    "What was under way while a release was switched is told apart, from the command to a tenth behind its first answer"
  )
  func switches() {
    var figures = LatencyFigures()
    figures.loop = OpenLoop(start: 0, perSecond: 100, first: 0)
    figures.measuredFrom = 0
    // Due at 0, 10, 20, … ms; the command at 25 ms, its first answer at 300 ms.
    figures.answered(0, at: 5 * Self.millisecond)
    figures.answered(1, at: 15 * Self.millisecond)
    figures.beginSwitch(at: 25 * Self.millisecond)
    figures.answered(2, at: 26 * Self.millisecond)
    #expect(figures.endSwitch(at: 300 * Self.millisecond) == 275 * Self.millisecond)
    #expect(figures.endSwitch(at: 310 * Self.millisecond) == nil)
    figures.answered(30, at: 300 * Self.millisecond)
    figures.answered(40, at: 420 * Self.millisecond)
    figures.answered(41, at: 440 * Self.millisecond)
    #expect(figures.switching.count == 3 && figures.steady.count == 3)
    #expect(figures.switchGap == 274 * Self.millisecond && figures.steadyGap == 20 * Self.millisecond)
  }

  @Test("Percentiles keep three digits, and no bar is wider than a terminal")
  func plot() {
    var histogram = LatencyHistogram()
    for microseconds in 1...100_000 { histogram.record(nanoseconds: Int64(microseconds) * 1000) }
    for percentile in [50.0, 90, 99, 99.9] {
      let expected = percentile
      #expect(abs(histogram.milliseconds(percentile: percentile) - expected) / expected < 0.002)
    }
    #expect(histogram.maximum == 100)
    histogram.record(nanoseconds: -5)
    histogram.record(nanoseconds: 7200 * Self.second)
    #expect(histogram.maximum == 7_200_000)
    let slices = (0..<700).map { LatencyFigures.Slice(count: 1, median: Double($0), ninetyNinth: Double($0) * 2) }
    let lines = (LatencyPlot.curve(histogram) + "\n" + LatencyPlot.seconds(slices)).split(separator: "\n")
    #expect(lines.count == 11 && lines.allSatisfy { $0.count <= 80 })
    #expect(LatencyPlot.line([0, 0]) == "" && LatencyPlot.line([1, 8]) == "▂█")
  }
}
