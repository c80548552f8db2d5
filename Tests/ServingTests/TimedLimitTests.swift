import Domain
import Testing

@testable import Serving

struct TimedLimitTests {
  /// The limit after runs of as many as it allows, each of which takes what `milliseconds` says.
  private func limit(
    target: Int = 100, after runs: Int = 40, ceiling: Int = 100_000, _ milliseconds: (Double) -> Double
  ) -> Int {
    var limit = TimedLimit(milliseconds: target, first: 32, ceiling: ceiling)
    for _ in 0..<runs {
      limit.note(limit.value, took: .microseconds(Int(milliseconds(Double(limit.value)) * 1000)))
    }
    return limit.value
  }

  @Test func `what each takes decides`() {
    #expect((9...11).contains(limit { 10 * $0 }))
    #expect(limit { 250 * $0 } == 1)
    #expect((900...1100).contains(limit { 0.1 * $0 }))
    #expect(limit(ceiling: 512) { 0.0001 * $0 } == 512)
  }

  @Test(arguments: [50.0, 150, 1000])
  func `what a run costs by itself is no reason to make it smaller`(fixed: Double) {
    #expect(limit { fixed + 0.1 * $0 } > 200)
  }

  @Test func `it grows fourfold at most, and falls at once`() {
    var limit = TimedLimit(milliseconds: 100, first: 32)
    limit.note(32, took: .microseconds(1))
    #expect(limit.value == 128)
    limit.note(128, took: .seconds(12))
    #expect(limit.value < 32)
  }

  @Test func `a failure makes it small, and what goes well large again`() {
    var limit = TimedLimit(milliseconds: 100, first: 2048)
    limit.noteFailure()
    #expect(limit.value == Limits.rowsAfterFailure)
    limit.note(64, took: .microseconds(64))
    limit.note(256, took: .microseconds(256))
    #expect(limit.value == 1024)
  }

  @Test func `times that jump about leave it usable`() {
    var generator = SystemRandomNumberGenerator()
    var limit = TimedLimit(milliseconds: 100, first: 32)
    for _ in 0..<1000 {
      let each = Double.random(in: 0.5...2, using: &generator)
      limit.note(limit.value, took: .microseconds(Int(each * 1000 * Double(limit.value))))
      #expect((1...20_000).contains(limit.value))
    }
  }
}
