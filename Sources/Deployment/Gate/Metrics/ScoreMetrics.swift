import Domain
import Foundation

/// Metrics of scores for the positive class.
struct ScoreMetrics {
  let scores: [Double]
  let isPositive: [Bool]

  func value(of metric: Metric) -> Double? {
    switch metric {
    case .rocAUC: areaUnderCurve
    case .logLoss: areProbabilities ? logLoss : nil
    case .brier: areProbabilities ? brier : nil
    default: nil
    }
  }

  private var areProbabilities: Bool { scores.allSatisfy { (0...1).contains($0) } }

  /// The chance that a positive row scores higher than a negative one, ties counting half: the rank sum of Mann and
  /// Whitney, equal to the area under the curve that scikit-learn integrates.
  private var areaUnderCurve: Double? {
    let positives = isPositive.count { $0 }
    let negatives = isPositive.count - positives
    guard positives > 0, negatives > 0 else { return nil }
    let order = scores.indices.sorted { scores[$0] < scores[$1] }
    // Pairs that are in the right order, in halves: whole numbers are exact.
    var halves = 0
    var negativesBelow = 0
    var start = 0
    while start < order.count {
      var end = start
      var (tiedPositives, tiedNegatives) = (0, 0)
      while end < order.count, scores[order[end]] == scores[order[start]] {
        if isPositive[order[end]] { tiedPositives += 1 } else { tiedNegatives += 1 }
        end += 1
      }
      // A number that is not one equals nothing, not even itself.
      guard end > start else { return nil }
      halves += tiedPositives * (2 * negativesBelow + tiedNegatives)
      negativesBelow += tiedNegatives
      start = end
    }
    return Double(halves) / 2 / (Double(positives) * Double(negatives))
  }

  /// Probabilities are clipped to the machine epsilon of FP64, as `sklearn.metrics.log_loss` does for that type.
  private var logLoss: Double {
    let epsilon = Double.ulpOfOne
    var sum = 0.0
    for (score, isPositive) in zip(scores, isPositive) {
      let probability = isPositive ? score : 1 - score
      sum -= log(min(max(probability, epsilon), 1 - epsilon))
    }
    return sum / Double(scores.count)
  }

  private var brier: Double {
    var sum = 0.0
    for (score, isPositive) in zip(scores, isPositive) {
      let distance = score - (isPositive ? 1 : 0)
      sum += distance * distance
    }
    return sum / Double(scores.count)
  }
}
