/// Exponentially weighted mean and variance of a series, in one pass and constant memory.
///
/// Until as many values were seen as the rule looks back, each has the same weight (Welford's method); then each new one
/// has the weight α = 2 ÷ (rows + 1): mean ← mean + α·δ, variance ← (1 − α)·(variance + α·δ²) with δ = value − mean
/// (T. Finch, "Incremental calculation of weighted mean and variance", 2009, §9).
package struct MovingAverage: Sendable, Equatable, LosslessStringConvertible {
  /// Values seen.
  package private(set) var count: Int64 = 0
  package private(set) var mean = 0.0
  package private(set) var variance = 0.0

  /// An average of nothing.
  package init() {}

  /// How many standard deviations a value lies off; nil while too few values were seen. Of a series that has never
  /// moved everything else lies off infinitely far.
  package func deviations(of value: Double, _ rule: MovingAverageRule) -> Double? {
    guard count >= rule.minimumRows else { return nil }
    let distance = abs(value - mean)
    return distance == 0 ? 0 : distance / variance.squareRoot()
  }

  /// Takes a value in. One that lies off farther than the rule allows counts as if it lay just there, so that a single
  /// one does not move the average much, while a level that stays does.
  package mutating func add(_ value: Double, _ rule: MovingAverageRule) {
    let largest = Double.greatestFiniteMagnitude
    var delta = min(max(value - mean, -largest), largest)
    if count >= rule.minimumRows {
      // A series that has never moved must be able to, also from zero: by a billionth, and from there faster and faster.
      let reach = max(rule.deviations * variance.squareRoot(), max(abs(mean), min(abs(value), 1)) * 1e-9)
      delta = min(max(delta, -reach), reach)
    }
    count += 1
    let weight = max(1 / Double(count), 2 / (Double(rule.rows) + 1))
    mean += weight * delta
    // Beyond what a number can hold it would stay for ever, or be none.
    variance = min((1 - weight) * min(variance + weight * min(delta * delta, largest), largest), largest)
  }

  // MARK: As text

  /// Count, mean and variance: what reads back as the same average.
  package var description: String { "\(count) \(mean) \(variance)" }

  /// Reads an average back; nil if the text is none.
  package init?(_ text: String) {
    let parts = text.split(separator: " ")
    guard parts.count == 3, let count = Int64(parts[0]), let mean = Double(parts[1]), let variance = Double(parts[2]),
      count >= 0, mean.isFinite, variance.isFinite, variance >= 0
    else { return nil }
    (self.count, self.mean, self.variance) = (count, mean, variance)
  }
}
