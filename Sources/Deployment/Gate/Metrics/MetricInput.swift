/// What a metric is computed of: one element a row.
package enum MetricInput: Sendable {
  /// Classes by number; `positive` is nil if no row has it.
  case classes(labels: [Int], predictions: [Int], positive: Int?)
  /// Scores or probabilities of the positive class, and whether each row is of it.
  case scores([Double], isPositive: [Bool])
  /// Numbers as predicted and as they are.
  case numbers([Double], labels: [Double])

  /// Classes by their text.
  package init(labels: [String], predictions: [String], positive: String?) {
    var numbers: [String: Int] = [:]
    func number(_ text: String) -> Int {
      if let known = numbers[text] { return known }
      numbers[text] = numbers.count
      return numbers.count - 1
    }
    let (labels, predictions) = (labels.map(number), predictions.map(number))
    self = .classes(labels: labels, predictions: predictions, positive: positive.flatMap { numbers[$0] })
  }

  /// Rows.
  package var count: Int {
    switch self {
    case .classes(let labels, let predictions, _): min(labels.count, predictions.count)
    case .scores(let scores, let isPositive): min(scores.count, isPositive.count)
    case .numbers(let numbers, let labels): min(numbers.count, labels.count)
    }
  }

  /// Some of the rows.
  func rows(_ rows: [Int]) -> MetricInput {
    switch self {
    case .classes(let labels, let predictions, let positive):
      .classes(labels: rows.map { labels[$0] }, predictions: rows.map { predictions[$0] }, positive: positive)
    case .scores(let scores, let isPositive):
      .scores(rows.map { scores[$0] }, isPositive: rows.map { isPositive[$0] })
    case .numbers(let numbers, let labels):
      .numbers(rows.map { numbers[$0] }, labels: rows.map { labels[$0] })
    }
  }
}
