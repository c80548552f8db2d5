import Domain
import Testing

struct MovingAverageTests {
  private let rule = MovingAverageRule(output: "y", rows: 20, deviations: 4, minimumRows: 10)

  @Test func `until it looks back far enough it is the mean and the variance of all values`() {
    var average = MovingAverage()
    let values = (0..<10).map { Double(($0 * 7) % 10) }
    for value in values {
      #expect(average.deviations(of: value, rule) == nil)
      average.add(value, rule)
    }
    #expect(abs(average.mean - 4.5) < 1e-12)
    #expect(abs(average.variance - 8.25) < 1e-12)
    #expect(abs((average.deviations(of: 4.5 + 2 * 8.25.squareRoot(), rule) ?? 0) - 2) < 1e-12)
  }

  /// Against the definition: weights (1 − α)^age, of a series that is never clipped.
  @Test func `then each value weighs less by its age`() {
    let wide = MovingAverageRule(output: "y", rows: 3, deviations: 1e6, minimumRows: 3)
    var average = MovingAverage()
    let values = [1.0, 2, 4, 8, 16, 11, 5]
    for value in values { average.add(value, wide) }
    // α = 2 ÷ 4 from the third value on, where 1 ÷ n has fallen to less.
    var (mean, variance) = (1.5, 0.25)
    for value in values.dropFirst(2) {
      let delta = value - mean
      mean += 0.5 * delta
      variance = 0.5 * (variance + 0.5 * delta * delta)
    }
    #expect(abs(average.mean - mean) < 1e-12)
    #expect(abs(average.variance - variance) < 1e-12)
  }

  @Test(
    arguments: [[1e200, 1e200], [.greatestFiniteMagnitude, -.greatestFiniteMagnitude], [-1e308, 1e308, 0]] as [[Double]]
  )
  func `values as large as numbers can be are averaged as well`(_ values: [Double]) throws {
    var average = MovingAverage()
    for number in 0..<20 {
      average.add(values[number % values.count], rule)
      #expect(average.mean.isFinite && average.variance.isFinite && average.variance >= 0)
      #expect(MovingAverage(average.description) == average)
    }
    #expect(try #require(average.deviations(of: 0, rule)) >= 0)
  }

  @Test func `one value far off moves it little, a level that stays moves it there`() throws {
    var average = MovingAverage()
    for number in 0..<100 { average.add(number.isMultiple(of: 2) ? 9 : 11, rule) }
    let before = average
    average.add(1e12, rule)
    #expect(average.mean - before.mean < 1, "clipped to four standard deviations, with a weight of a tenth")
    var rows = 0
    while try #require(average.deviations(of: 500, rule)) > 4, rows < 10_000 {
      average.add(500, rule)
      rows += 1
    }
    #expect(rows < 100)
  }

  @Test(arguments: [(5, 5.001), (0, 7), (0, -1e-9), (0, 1e9), (-3, 3)])
  func `a series that has never moved is left by the smallest step, and learns`(level: Double, new: Double) {
    var average = MovingAverage()
    for _ in 0..<10 { average.add(level, rule) }
    #expect(average.deviations(of: level, rule) == 0)
    #expect(average.deviations(of: new, rule) == .infinity)
    var rows = 0
    while let deviations = average.deviations(of: new, rule), deviations > 4, rows < 100_000 {
      average.add(new, rule)
      rows += 1
    }
    #expect(rows < 100_000)
  }

  @Test func `its text reads back as itself, and nothing else reads as one`() {
    var average = MovingAverage()
    for value in [0.1, 1e-300, 1e300, -7] {
      average.add(value, rule)
      #expect(average.variance.isFinite)
      #expect(MovingAverage(average.description) == average)
    }
    for text in ["", "1 2", "1 2 3 4", "x 1 1", "-1 1 1", "1 nan 1", "1 1 -1", "1 1 inf"] {
      #expect(MovingAverage(text) == nil)
    }
  }
}
