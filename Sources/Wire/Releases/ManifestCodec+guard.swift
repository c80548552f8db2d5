import Domain

/// The `guard` of a manifest.
extension ManifestCodec {
  /// Rules that are not known are a mistake: what is to protect must not be passed over in silence.
  static func answerGuard(_ reader: JSONReader, _ outputs: [OutputSpecification]) throws(WireError) -> AnswerGuard {
    try checkKeys(
      reader, ["safeguard", "confidence", "error_cost", "moving_averages", "alternatives", "constant"])
    var rules = AnswerGuard()
    rules.safeguard = try reader["safeguard"].optional { rule throws(WireError) in try safeguard(rule) }
    rules.confidence = try reader["confidence"].optional { rule throws(WireError) in try confidence(rule) }
    rules.errorCost = try reader["error_cost"].optional { rule throws(WireError) in try errorCost(rule) }
    rules.movingAverages =
      try reader["moving_averages"].optional { list throws(WireError) in
        var result: [MovingAverageRule] = []
        for element in try list.elements(atMost: Limits.movingAveragesPerRelease) {
          result.append(try movingAverage(element))
        }
        return result
      } ?? []
    rules.alternatives = try reader["alternatives"].optional { rule throws(WireError) in try alternatives(rule) }
    rules.constant = try reader["constant"].optional { values throws(WireError) in try constant(values, outputs) }
    return rules
  }

  private static func safeguard(_ reader: JSONReader) throws(WireError) -> SafeguardRule {
    try checkKeys(reader, ["column", "maximum", "above"])
    return SafeguardRule(
      column: try reader["column"].text(), maximum: try reader["maximum"].number(),
      above: try action(reader["above"]))
  }

  private static func confidence(_ reader: JSONReader) throws(WireError) -> ConfidenceRule {
    try checkKeys(reader, ["column", "binary", "minimum", "below"])
    let minimum = try reader["minimum"].optional { minimum throws(WireError) in
      let number = try minimum.number()
      guard (0...1).contains(number) else { throw minimum.error(expected: "a confidence from 0 to 1") }
      return number
    }
    return ConfidenceRule(
      column: try reader["column"].text(),
      isBinary: try reader["binary"].optional { value throws(WireError) in try value.bool() } ?? false,
      minimum: minimum, below: try action(reader["below"]))
  }

  private static func errorCost(_ reader: JSONReader) throws(WireError) -> ErrorCostRule {
    try checkKeys(reader, ["decision", "actions"])
    guard try reader["actions"].fields().count <= Limits.actionsPerRelease else {
      throw reader["actions"].error(expected: "at most \(Limits.actionsPerRelease) actions")
    }
    let actions = try reader["actions"].dictionary { action throws(WireError) in
      try checkKeys(action, ["cost", "maximum", "above"])
      return ErrorCostRule.Action(
        cost: try amount(action["cost"]), maximum: try amount(action["maximum"]),
        above: try self.action(action["above"]))
    }
    guard !actions.isEmpty else { throw reader["actions"].error(expected: "at least one action with its cost") }
    return ErrorCostRule(decision: try reader["decision"].text(), actions: actions)
  }

  private static func amount(_ reader: JSONReader) throws(WireError) -> Double {
    let number = try reader.number()
    guard number >= 0 else { throw reader.error(expected: "a number of at least 0") }
    return number
  }

  private static func movingAverage(_ reader: JSONReader) throws(WireError) -> MovingAverageRule {
    try checkKeys(reader, ["output", "rows", "deviations", "minimum_rows"])
    let deviations = try reader["deviations"].number()
    // With less a new level might never be learned: what is clipped must make the variance grow.
    guard deviations >= 2 else { throw reader["deviations"].error(expected: "a number of at least 2") }
    var rule = MovingAverageRule(output: try reader["output"].text(), deviations: deviations)
    func rows(_ name: String) throws(WireError) -> Int? {
      try reader[name].optional { rows throws(WireError) in
        Int(try rows.integer(in: 2...Int64(Limits.movingAverageRows)))
      }
    }
    if let rows = try rows("rows") { rule.rows = rows }
    if let rows = try rows("minimum_rows") { rule.minimumRows = rows }
    return rule
  }

  private static func alternatives(_ reader: JSONReader) throws(WireError) -> AlternativesRule {
    try checkKeys(reader, ["column", "labels", "count"])
    var labels: [Value] = []
    for label in try reader["labels"].elements(atMost: Limits.columnWidth) {
      guard let value = label.value.flatMap(Value.init(label:)) else {
        throw label.error(expected: "a label: a string, a number, true or false")
      }
      labels.append(value)
    }
    let count = try reader["count"].optional { count throws(WireError) in
      Int(try count.integer(in: 1...Int64(Limits.alternativesPerRow)))
    }
    return AlternativesRule(column: try reader["column"].text(), labels: labels, count: count ?? 3)
  }

  private static func constant(_ reader: JSONReader, _ outputs: [OutputSpecification]) throws(WireError) -> [[Value]] {
    try checkKeys(reader, outputs.map(\.column.name))
    var values: [[Value]] = []
    for output in outputs {
      let value = reader[output.column.name]
      var elements: [Value] = []
      if output.column.width == 1 {
        elements.append(try self.value(value, of: output.column.datatype))
      } else {
        let found = try value.elements()
        guard found.count == output.column.width else {
          throw value.error(expected: "an array of \(output.column.width)")
        }
        for element in found { elements.append(try self.value(element, of: output.column.datatype)) }
      }
      values.append(elements)
    }
    return values
  }

  // MARK: Parts

  private static func action(_ reader: JSONReader) throws(WireError) -> GuardAction {
    try reader.optional { action throws(WireError) in try action.choice(GuardAction.self) } ?? .abstain
  }

  private static func checkKeys(_ reader: JSONReader, _ known: [String]) throws(WireError) {
    for (name, _) in try reader.fields() where !known.contains(name) {
      throw .invalid(
        path: reader.path, expected: Quotation.list(known), found: Quotation.name(name))
    }
  }
}
