import Deployment
import Domain
import Wire

/// The guard of a manifest, one line a rule.
extension ManifestParts {
  static func entries(_ rules: AnswerGuard, _ outputs: [OutputSpecification]) -> [Entry] {
    var entries: [Entry] = []
    if let rule = rules.safeguard {
      entries.append(
        Entry(
          name: "safeguard",
          text: "\(rule.column) at most \(FigureText.number(rule.maximum)), else \(rule.above.rawValue)"))
    }
    if let rule = rules.confidence {
      let minimum = rule.minimum.map { " at least \(FigureText.number($0)), else \(rule.below.rawValue)" } ?? ""
      entries.append(Entry(name: "confidence", text: rule.column + (rule.isBinary ? ", binary," : "") + minimum))
    }
    for (name, action) in (rules.errorCost?.actions ?? [:]).sorted(by: { $0.key < $1.key }) {
      let cost = "\(FigureText.number(action.cost)), expected at most \(FigureText.number(action.maximum))"
      entries.append(
        Entry(
          name: "cost of an error with \(rules.errorCost?.decision ?? "") \(name)",
          text: "\(cost), else \(action.above.rawValue)"))
    }
    for rule in rules.movingAverages {
      entries.append(
        Entry(
          name: "moving average of \(rule.output)",
          text: "of \(FigureText.rows(rule.rows)), at most \(FigureText.number(rule.deviations)) deviations off, "
            + "from \(FigureText.rows(rule.minimumRows))"))
    }
    if let rule = rules.alternatives {
      entries.append(
        Entry(
          name: "alternatives",
          text: "\(rule.count) of \(rule.column): \(rule.labels.map { GateText.value([$0]) }.joined(separator: " "))"))
    }
    for (output, values) in zip(outputs, rules.constant ?? []) {
      entries.append(Entry(name: "constant \(output.column.name)", text: GateText.value(values)))
    }
    return entries
  }
}
