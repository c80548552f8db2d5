import Domain

/// What the rules of a guard must be to the outputs and stages of their manifest, and to each other. Columns that stages
/// make between themselves are checked when the release is loaded.
struct GuardRules {
  private let rules: AnswerGuard
  private let manifest: Manifest

  /// Checks a manifest's guard, if it has one.
  static func check(_ manifest: Manifest) throws(WireError) {
    let hasStage = manifest.stages.contains { $0.role == .safeguard }
    guard let rules = manifest.answerGuard else {
      if hasStage { throw missing("guard.safeguard", "the rule that reads the column of stages.safeguard") }
      return
    }
    if rules.safeguard == nil, hasStage {
      throw missing("guard.safeguard", "the rule that reads the column of stages.safeguard")
    }
    if rules.safeguard != nil, !hasStage {
      throw missing("stages.safeguard", "the stage that makes the column of guard.safeguard")
    }
    let check = GuardRules(rules: rules, manifest: manifest)
    try check.checkConfidence()
    try check.checkErrorCost()
    try check.checkMovingAverages()
    try check.checkAlternatives()
    try check.checkConstant()
  }

  private static func missing(_ path: String, _ expected: String) -> WireError {
    .invalid(path: path, expected: expected, found: "nothing")
  }

  private func checkConfidence() throws(WireError) {
    guard let rule = rules.confidence, rule.minimum == nil, rules.errorCost == nil else { return }
    throw Self.missing("guard.confidence.minimum", "a confidence from 0 to 1, since there is no error_cost to use it")
  }

  private func checkErrorCost() throws(WireError) {
    guard let rule = rules.errorCost else { return }
    guard rules.confidence != nil else {
      throw Self.missing("guard.confidence", "the column that holds the confidence, which error_cost needs")
    }
    let output = try output(rule.decision, "guard.error_cost.decision")
    guard output.holdsClasses else {
      throw .invalid(
        path: "guard.error_cost.decision", expected: "an output of BYTES, INT64 or BOOL and width 1",
        found: output.description)
    }
    for name in rule.actions.keys.sorted() where !output.datatype.isText(ofClass: name) {
      throw .invalid(
        path: "guard.error_cost.actions", expected: "\(Label.Kind(output.datatype).rawValue), as \(output) makes",
        found: Quotation.text(name))
    }
    guard let values = manifest.outputs.first(where: { $0.column == output })?.values else { return }
    let known = values.map { Label($0).text }
    for name in rule.actions.keys.sorted() where !known.contains(name) {
      throw .invalid(
        path: "guard.error_cost.actions", expected: Quotation.list(known.map(Quotation.text)),
        found: Quotation.text(name))
    }
  }

  private func checkMovingAverages() throws(WireError) {
    for (number, rule) in rules.movingAverages.enumerated() {
      let path = "guard.moving_averages[\(number)].output"
      let output = try output(rule.output, path)
      guard output.width == 1, output.datatype != .bytes, output.datatype != .bool else {
        throw .invalid(
          path: path, expected: "an output of FP32, FP64 or INT64 and width 1", found: output.description)
      }
      guard !rules.movingAverages.prefix(number).contains(where: { $0.output == rule.output }) else {
        throw .invalid(path: path, expected: "each output once", found: "\(Quotation.text(rule.output)) again")
      }
    }
  }

  private func checkAlternatives() throws(WireError) {
    if let rule = rules.alternatives, rule.labels.count < 2 {
      throw .invalid(
        path: "guard.alternatives.labels", expected: "at least two labels", found: "an array of \(rule.labels.count)")
    }
    guard rules.alternatives == nil else { return }
    for (path, action) in rules.actions where action == .alternatives {
      throw .invalid(
        path: path, expected: "an action other than \"alternatives\", since guard.alternatives is missing",
        found: "\"alternatives\"")
    }
  }

  /// The answer of last resort must be one that would not be rejected itself.
  private func checkConstant() throws(WireError) {
    guard let constant = rules.constant else { return }
    for (output, values) in zip(manifest.outputs, constant) {
      for value in values {
        guard let expected = output.problem(with: value) else { continue }
        throw .invalid(
          path: "guard.constant.\(output.column.name)", expected: expected, found: Quotation.value(value))
      }
    }
  }

  private func output(_ name: String, _ path: String) throws(WireError) -> ColumnDescriptor {
    guard let output = manifest.outputs.first(where: { $0.column.name == name })?.column else {
      throw .invalid(path: path, expected: "an output of the manifest", found: Quotation.text(name))
    }
    return output
  }
}

extension Datatype {
  /// Whether a text stands for a value of the datatype.
  fileprivate func isText(ofClass text: String) -> Bool {
    switch self {
    case .bool: text == "true" || text == "false"
    case .int64: Int64(text).map(String.init) == text
    case .bytes, .float32, .float64: true
    }
  }
}

extension AnswerGuard {
  /// Every action with its place.
  fileprivate var actions: [(path: String, action: GuardAction)] {
    var actions: [(path: String, action: GuardAction)] = []
    if let safeguard { actions.append(("guard.safeguard.above", safeguard.above)) }
    if let confidence { actions.append(("guard.confidence.below", confidence.below)) }
    for (name, action) in (errorCost?.actions ?? [:]).sorted(by: { $0.key < $1.key }) {
      actions.append(("guard.error_cost.actions.\(name).above", action.above))
    }
    return actions
  }
}

extension OutputSpecification {
  /// What a value would have to be; nil if it may be an answer.
  fileprivate func problem(with value: Value) -> String? {
    if let values, !values.contains(value) { return Quotation.list(values.map(Quotation.value)) }
    let number: Double? =
      switch value {
      case .number(let number): number
      case .int64(let integer): Double(integer)
      case .bool, .text: nil
      }
    if let number, let minimum, number < minimum { return "at least the minimum, \(Quotation.number(minimum))" }
    if let number, let maximum, number > maximum { return "at most the maximum, \(Quotation.number(maximum))" }
    return nil
  }
}
