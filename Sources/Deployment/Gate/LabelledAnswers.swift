import Domain
import Serving
import Wire

/// What a release says of a confidence set: the predictions that its metric is computed of, and the decisions that its
/// errors cost.
struct LabelledAnswers {
  /// One a row; nothing for a row that failed.
  private(set) var predictions: [Value?]
  /// The text of the class decided for, one a row; nothing for a row that failed or if nothing tells a decision.
  private(set) var decisions: [String?]
  /// Rows that got an error.
  private(set) var failedRows = 0
  /// Rows that the guard would withhold or mark.
  private(set) var withheldRows = 0
  /// Those of them that it would not answer at all.
  private(set) var abstainedRows = 0
  /// The first of those that failed.
  private(set) var failures: [GateReport.Failure] = []

  /// Runs the set's rows.
  /// - Parameter set: of the release that brought the rows; the one that answers may be another.
  init(_ set: ConfidenceSet, rule: DecisionRule?, rows: [ConfidenceRow], release: LoadedRelease) {
    let names = release.manifest.outputs.map(\.column.name)
    let prediction = names.firstIndex(of: set.prediction)
    let decision = rule.flatMap { names.firstIndex(of: $0.output) }
    var predictions: [Value?] = []
    var decisions: [String?] = []
    var failures: [GateReport.Failure] = []
    var failedRows = 0
    var withheldRows = 0
    var abstainedRows = 0
    RowAnswers(release: release).forEach(rows.map(\.context)) { position, answer, status in
      if status.isWithheld { withheldRows += 1 }
      if status == .abstained { abstainedRows += 1 }
      switch answer {
      case .failed(let reason, let message):
        failedRows += 1
        if failures.count < Limits.gateFailuresShown {
          failures.append(GateReport.Failure(line: rows[position].line, reason: reason, message: message))
        }
        predictions.append(nil)
        decisions.append(nil)
      case .outputs(let values):
        predictions.append(prediction.flatMap { values[$0].first })
        decisions.append(
          rule.flatMap { rule in decision.flatMap { values[$0].first }.flatMap { rule.decision($0, rows[position]) } })
      }
    }
    self.predictions = predictions
    self.decisions = decisions
    self.failedRows = failedRows
    self.withheldRows = withheldRows
    self.abstainedRows = abstainedRows
    self.failures = failures
  }

  /// What the metric is computed of; nil if rows failed.
  func input(_ set: ConfidenceSet, _ rows: [ConfidenceRow]) -> MetricInput? {
    let values = predictions.compactMap(\.self)
    guard failedRows == 0, values.count == rows.count else { return nil }
    let positive = set.positiveLabel.map(Label.init)
    switch set.metric.prediction {
    case .classes:
      return MetricInput(
        labels: rows.map(\.label.text), predictions: values.map { Label($0).text }, positive: positive?.text)
    case .probabilities:
      return .scores(values.map { $0.asNumber ?? .nan }, isPositive: rows.map { $0.label == positive })
    case .numbers:
      return .numbers(values.map { $0.asNumber ?? .nan }, labels: rows.map { $0.number ?? .nan })
    }
  }

  /// The sum of what wrong decisions cost; nil if rows failed or nothing tells a decision.
  func cost(_ set: ConfidenceSet, _ rows: [ConfidenceRow]) -> Double? {
    var sum = 0.0
    for (row, decision) in zip(rows, decisions) {
      guard let decision else { return nil }
      let listed = set.cost[row.label.text]?[decision] ?? 0
      sum += decision == row.label.text ? listed : row.cost ?? listed
    }
    return sum
  }
}

extension DecisionRule {
  /// The text of the class that an output's value stands for.
  fileprivate func decision(_ value: Value, _ row: ConfidenceRow) -> String? {
    switch self {
    case .output: return Label(value).text
    case .threshold(_, let positive, let other):
      guard let probability = value.asNumber else { return nil }
      if probability >= 0.5 { return positive.text }
      // Without a matrix of costs the other class has no name: every label but the positive one is it.
      return other ?? (row.label == positive ? "" : row.label.text)
    }
  }
}
