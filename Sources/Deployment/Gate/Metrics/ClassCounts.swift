import Domain

/// How often each class is right, is called, and is there: all that metrics of classes need.
struct ClassCounts {
  /// By class.
  private var counts: [Int: Count] = [:]
  private let rows: Int
  private var rightRows = 0

  private struct Count {
    var right = 0
    var called = 0
    var there = 0
  }

  init(labels: [Int], predictions: [Int]) {
    rows = min(labels.count, predictions.count)
    for (label, prediction) in zip(labels, predictions) {
      counts[label, default: Count()].there += 1
      counts[prediction, default: Count()].called += 1
      if label == prediction {
        counts[label, default: Count()].right += 1
        rightRows += 1
      }
    }
  }

  /// - Parameter positive: the class of binary averages; nil if no row has it, which makes it 0 like every division by
  ///   zero.
  func value(of metric: Metric, average: Metric.Average, positive: Int?) -> Double? {
    if metric == .accuracy { return Double(rightRows) / Double(rows) }
    switch average {
    case .binary: return ratio(metric, positive.flatMap { counts[$0] } ?? Count())
    case .macro:
      var sum = 0.0
      for count in counts.values {
        guard let ratio = ratio(metric, count) else { return nil }
        sum += ratio
      }
      return sum / Double(counts.count)
    }
  }

  private func ratio(_ metric: Metric, _ count: Count) -> Double? {
    switch metric {
    case .precision: Self.ratio(count.right, count.called)
    case .recall: Self.ratio(count.right, count.there)
    // 2pr / (p + r) in counts, which is defined also where p and r are not.
    case .f1: Self.ratio(2 * count.right, count.called + count.there)
    default: nil
    }
  }

  private static func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
