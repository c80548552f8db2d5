import Domain

/// Asks the rules of a release's guard of its rows.
///
/// Rows that break none cost some comparisons and no memory.
struct RowGuard: Sendable {
  private let rules: AnswerGuard
  private let fit: GuardFit
  private let model: String
  /// The bounds as the columns hold them, so that 0.3 as FP32 is within 0.3.
  private let highestRisk: Double
  private let lowestConfidence: Double
  /// The actions whose errors have a cost, and where each is found.
  private let actions: [(name: String, action: ErrorCostRule.Action)]
  private let decisions: ValueList?

  /// What becomes of a row.
  struct Verdict {
    var action: GuardAction
    var message: String
  }

  /// The guard of a release; nil if it has no rules but a constant.
  init?(_ release: LoadedRelease) {
    guard let rules = release.manifest.answerGuard else { return nil }
    let isAsked =
      rules.safeguard != nil || rules.confidence != nil || rules.errorCost != nil || !rules.movingAverages.isEmpty
    guard isAsked else { return nil }
    self.rules = rules
    fit = release.fit.guardFit
    model = release.identity.model
    func bound(_ value: Double?, _ position: Int?) -> Double? {
      guard let value, let position else { return nil }
      return release.fit.layout[position].datatype == .float32 ? Double(Float(value)) : value
    }
    highestRisk = bound(rules.safeguard?.maximum, fit.safeguard) ?? .infinity
    lowestConfidence = bound(rules.confidence?.minimum, fit.confidence) ?? -.infinity
    let actions = (rules.errorCost?.actions ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    self.actions = actions
    let datatype = fit.decision.map { release.fit.layout[$0].datatype }
    decisions = datatype.map { datatype in ValueList(actions.map { Self.value($0.0, datatype) }, datatype) }
  }

  /// The value that a text stands for in a column of decisions.
  private static func value(_ text: String, _ datatype: Datatype) -> Value {
    switch datatype {
    case .bool: .bool(text == "true")
    case .int64: Int64(text).map(Value.int64) ?? .text(text)
    case .bytes, .float32, .float64: .text(text)
    }
  }

  // MARK: Rules of one row

  /// What becomes of a row; nil if its answer stands.
  @inline(__always)
  func verdict(_ columns: borrowing Columns, row: Int) -> Verdict? {
    if let rule = rules.safeguard, let position = fit.safeguard {
      let risk = columns[position].number(at: row)
      if !(risk <= highestRisk) { return tooRisky(risk, rule) }
    }
    guard let rule = rules.confidence, let position = fit.confidence else { return nil }
    let confidence = confidence(columns[position], rule, row)
    if let minimum = rule.minimum, !(confidence >= lowestConfidence) { return tooUnsure(confidence, minimum, rule) }
    if let position = fit.decision, let place = decisions?.position(of: row, in: columns[position]) {
      let cost = (1 - confidence) * actions[place].action.cost
      if !(cost <= actions[place].action.maximum) { return tooCostly(cost, place) }
    }
    return nil
  }

  private func confidence(_ column: Column, _ rule: ConfidenceRule, _ row: Int) -> Double {
    let width = column.descriptor.width
    guard width > 1 else {
      guard rule.isBinary else { return column.number(at: row) }
      if column.descriptor.datatype == .float32 {
        let probability = column.float32(at: row)
        return Double(max(probability, 1 - probability))
      }
      let probability = column.number(at: row)
      return max(probability, 1 - probability)
    }
    var largest = column.number(at: row * width)
    for index in row * width + 1..<(row + 1) * width {
      let element = column.number(at: index)
      // Once it is no number it stays none: nothing is larger.
      if element > largest || element.isNaN { largest = element }
    }
    return largest
  }

  private func tooRisky(_ risk: Double, _ rule: SafeguardRule) -> Verdict {
    Verdict(
      action: rule.above,
      message:
        "the safeguard expects an error: \(rule.column) is \(GuardText.figure(risk)), at most \(GuardText.number(rule.maximum)) is acceptable"
    )
  }

  private func tooUnsure(_ confidence: Double, _ minimum: Double, _ rule: ConfidenceRule) -> Verdict {
    Verdict(
      action: rule.below,
      message:
        "the confidence by \(rule.column) is \(GuardText.figure(confidence)), expected at least \(GuardText.number(minimum))"
    )
  }

  private func tooCostly(_ cost: Double, _ place: Int) -> Verdict {
    let (name, action) = actions[place]
    return Verdict(
      action: action.above,
      message:
        "the expected cost of an error is \(GuardText.figure(cost)), at most \(GuardText.number(action.maximum)) is acceptable for \(name)"
    )
  }

  /// The most likely answers of a row, best first; equal ones in the order of their labels.
  func alternatives(_ columns: borrowing Columns, row: Int) -> [RowRemark.Alternative] {
    guard let rule = rules.alternatives, let position = fit.alternatives else { return [] }
    let column = columns[position]
    let all = rule.labels.enumerated().map { element, label in
      RowRemark.Alternative(label: label, probability: column.shownNumber(at: row * rule.labels.count + element))
    }
    let ordered = all.enumerated().filter { $0.element.probability.isFinite }
      .sorted { ($1.element.probability, $0.offset) < ($0.element.probability, $1.offset) }
    return ordered.prefix(rule.count).map(\.element)
  }

  // MARK: Series

  /// Takes the rows into their moving averages, in order, and gives those that lie too far off to `hold`. A row is
  /// judged by the rows before it.
  /// - Parameter isSound: whether a row's outputs make sense; others are left out.
  func follow(
    _ columns: borrowing Columns, rows: Int, _ averages: MovingAverages, isSound: (Int) -> Bool,
    hold: (_ row: Int, _ message: String) -> Void
  ) {
    for (rule, position) in zip(rules.movingAverages, fit.movingAverages) {
      let column = columns[position]
      averages.withAverage(of: .init(model: model, output: rule.output)) { average in
        for row in 0..<rows where isSound(row) {
          let value = column.number(at: row)
          if let deviations = average.deviations(of: value, rule), deviations > rule.deviations {
            hold(
              row,
              "\(rule.output): \(GuardText.figure(value)) lies \(GuardText.figure(deviations)) standard deviations off its moving average "
                + "\(GuardText.figure(average.mean)), at most \(GuardText.number(rule.deviations)) are acceptable")
          }
          average.add(value, rule)
        }
      }
    }
  }
}

extension Column {
  /// A number as its shortest text in its own datatype reads: 0.1 for the FP32 that is nearest to it.
  fileprivate func shownNumber(at index: Int) -> Double {
    guard descriptor.datatype == .float32 else { return number(at: index) }
    let value = float32(at: index)
    return Double("\(value)") ?? Double(value)
  }
}
