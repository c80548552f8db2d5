import Domain

/// What a confidence set must be to the inputs and outputs of its manifest.
struct ConfidenceRules {
  private let set: ConfidenceSet
  private let manifest: Manifest
  private static let path = "confidence_set"

  /// Checks a manifest's set, if it has one.
  static func check(_ manifest: Manifest) throws(WireError) {
    guard let set = manifest.confidenceSet else { return }
    let rules = ConfidenceRules(set: set, manifest: manifest)
    let prediction = try rules.output(set.prediction, "prediction")
    try rules.checkPrediction(prediction)
    try rules.checkPositiveLabel(prediction)
    try rules.checkAverage()
    if let decision = set.decision { try rules.checkDecision(rules.output(decision, "decision")) }
    try rules.checkCosts()
    for (number, slice) in set.slices.enumerated() { try rules.check(slice, number) }
  }

  private func output(_ name: String, _ field: String) throws(WireError) -> ColumnDescriptor {
    guard let output = manifest.outputs.first(where: { $0.column.name == name })?.column else {
      throw error(field, expected: "an output of the manifest", found: Quotation.text(name))
    }
    guard output.width == 1 else {
      throw error(field, expected: "an output of width 1", found: output.description)
    }
    return output
  }

  private func checkPrediction(_ output: ColumnDescriptor) throws(WireError) {
    let isNumber = output.datatype == .float32 || output.datatype == .float64
    switch set.metric.prediction {
    case .classes: break
    case .probabilities where !isNumber:
      throw error(
        "prediction", expected: "an output of FP32 or FP64 for \(set.metric.rawValue)", found: output.description)
    case .numbers where !isNumber && output.datatype != .int64:
      throw error(
        "prediction", expected: "an output of FP32, FP64 or INT64 for \(set.metric.rawValue)",
        found: output.description)
    case .probabilities, .numbers: break
    }
  }

  private func checkPositiveLabel(_ prediction: ColumnDescriptor) throws(WireError) {
    let isBinary = [.precision, .recall, .f1].contains(set.metric) && set.average == .binary
    guard let label = set.positiveLabel else {
      if isBinary || set.metric.prediction == .probabilities {
        throw error(
          "positive_label", expected: "the label that \(set.metric.rawValue) is of", found: "nothing")
      }
      return
    }
    if set.metric.prediction == .classes {
      let kind = Label.Kind(prediction.datatype)
      guard Label(label).kind == kind else {
        throw error(
          "positive_label", expected: "\(kind.rawValue), as \(prediction) makes", found: Quotation.value(label))
      }
    }
  }

  private func checkAverage() throws(WireError) {
    if set.average == .macro, ![.precision, .recall, .f1].contains(set.metric) {
      throw error(
        "average", expected: "\"macro\" for precision, recall and f1 only", found: Quotation.text(set.average.rawValue))
    }
  }

  /// A decision is compared with the label of its row.
  private func checkDecision(_ output: ColumnDescriptor) throws(WireError) {
    guard let kind = set.labelKind(manifest.outputs), kind != Label.Kind(output.datatype) else { return }
    throw error("decision", expected: "an output that holds \(kind.rawValue), as labels do", found: output.description)
  }

  /// Costs need something that tells what was decided.
  private func checkCosts() throws(WireError) {
    guard !set.cost.isEmpty else { return }
    switch DecisionRule(set, outputs: manifest.outputs) {
    case .output?: break
    case .threshold(_, let positive, nil)?:
      let labels = DecisionRule.labels(set.cost).sorted().map(Quotation.text)
      throw error(
        "cost",
        expected: "\(Quotation.text(positive.text)) and one other label, since no output holds the decision",
        found: labels.prefix(8).joined(separator: ", "))
    case .threshold?: break
    case nil:
      throw error("decision", expected: "the output that holds the class, since costs are declared", found: "nothing")
    }
  }

  private func check(_ slice: ConfidenceSet.Slice, _ number: Int) throws(WireError) {
    let field = "slices[\(number)].input"
    guard let input = manifest.inputs.first(where: { $0.column.name == slice.input })?.column else {
      throw error(field, expected: "an input of the manifest", found: Quotation.text(slice.input))
    }
    guard input.holdsClasses else {
      throw error(field, expected: "an input of BYTES, INT64 or BOOL and width 1", found: input.description)
    }
    guard !set.slices.prefix(number).contains(where: { $0.input == slice.input }) else {
      throw error(field, expected: "each input once", found: "\(Quotation.text(slice.input)) again")
    }
  }

  private func error(_ field: String, expected: String, found: String) -> WireError {
    .invalid(path: "\(Self.path).\(field)", expected: expected, found: found)
  }
}
