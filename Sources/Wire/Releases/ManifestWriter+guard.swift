import Domain

/// The guard of a manifest's document.
extension ManifestWriter {
  static func answerGuard(_ rules: AnswerGuard, _ outputs: [OutputSpecification]) -> JSON {
    var json = JSON.object([])
    if let rule = rules.safeguard {
      json.set(
        "safeguard",
        to: .object([
          .init("column", .text(rule.column)), .init("maximum", .number(rule.maximum)),
          .init("above", .text(rule.above.rawValue)),
        ]))
    }
    if let rule = rules.confidence { json.set("confidence", to: confidence(rule)) }
    if let rule = rules.errorCost { json.set("error_cost", to: errorCost(rule)) }
    if !rules.movingAverages.isEmpty {
      json.set("moving_averages", to: .array(rules.movingAverages.map(movingAverage)))
    }
    if let rule = rules.alternatives {
      json.set(
        "alternatives",
        to: .object([
          .init("column", .text(rule.column)), .init("labels", .array(rule.labels.map(value))),
          .init("count", .integer(Int64(rule.count))),
        ]))
    }
    if let constant = rules.constant {
      let fields = zip(outputs, constant).map { output, values in
        JSON.Field(
          output.column.name, output.column.width == 1 ? values.first.map(value) ?? .null : .array(values.map(value)))
      }
      json.set("constant", to: .object(fields))
    }
    return json
  }

  private static func confidence(_ rule: ConfidenceRule) -> JSON {
    var json = JSON.object([.init("column", .text(rule.column))])
    if rule.isBinary { json.set("binary", to: .bool(true)) }
    if let minimum = rule.minimum { json.set("minimum", to: .number(minimum)) }
    json.set("below", to: .text(rule.below.rawValue))
    return json
  }

  private static func errorCost(_ rule: ErrorCostRule) -> JSON {
    let actions = rule.actions.sorted { $0.key < $1.key }.map { name, action in
      JSON.Field(
        name,
        .object([
          .init("cost", .number(action.cost)), .init("maximum", .number(action.maximum)),
          .init("above", .text(action.above.rawValue)),
        ]))
    }
    return .object([.init("decision", .text(rule.decision)), .init("actions", .object(actions))])
  }

  private static func movingAverage(_ rule: MovingAverageRule) -> JSON {
    .object([
      .init("output", .text(rule.output)), .init("rows", .integer(Int64(rule.rows))),
      .init("deviations", .number(rule.deviations)), .init("minimum_rows", .integer(Int64(rule.minimumRows))),
    ])
  }
}
