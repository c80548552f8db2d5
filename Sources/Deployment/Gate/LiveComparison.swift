import Domain
import Serving
import Wire

/// Whether a release's errors cost more than those of the live one, on the rows that the release brings.
struct LiveComparison {
  private(set) var figures: GateReport.Comparison
  /// `costlier_errors`; nil if they are not, or nothing can be compared.
  private(set) var refusal: Refusal?

  /// Runs the live release on the set and compares.
  init(
    _ set: ConfidenceSet, rule: DecisionRule?, rows: [ConfidenceRow], answers: LabelledAnswers,
    release: LoadedRelease, live: LoadedRelease
  ) {
    figures = GateReport.Comparison(version: live.identity.version)
    let hasCosts = !set.cost.isEmpty || rows.contains { $0.cost != nil }
    if hasCosts, rule != nil {
      figures.cost = answers.cost(set, rows)
      figures.maximumCostRatio = set.maximumCostRatio
    }
    let needed = [set.prediction] + (figures.cost == nil ? [] : [rule?.output].compactMap(\.self))
    if let note = Self.outputProblem(needed, release, live) {
      figures.note = note
      return
    }
    let liveAnswers = LabelledAnswers(set, rule: rule, rows: rows, release: live)
    if let first = liveAnswers.failures.first {
      figures.note =
        "\(live.identity) cannot answer \(liveAnswers.failedRows) of \(FigureText.rows(rows.count)); the first, "
        + "\(set.file):\(first.line): \(first.found)"
      return
    }
    figures.metric = liveAnswers.input(set, rows).flatMap { set.metric.value(of: $0, average: set.average) }
    if figures.cost != nil { figures.liveCost = liveAnswers.cost(set, rows) }
    judge(set, rows.count)
  }

  /// A comparison that cannot be made.
  init(live: LoadedRelease, note: String) {
    figures = GateReport.Comparison(version: live.identity.version)
    figures.note = note
  }

  private mutating func judge(_ set: ConfidenceSet, _ rows: Int) {
    guard let cost = figures.cost, let liveCost = figures.liveCost else { return }
    let bound = set.maximumCostRatio * liveCost
    guard !(cost <= bound) else { return }
    refusal = Refusal(
      .costlierErrors,
      "errors cost \(FigureText.number(cost)) on \(FigureText.rows(rows)), those of \(figures.version) "
        + "\(FigureText.number(liveCost)); acceptable is \(FigureText.number(set.maximumCostRatio)) times that, "
        + FigureText.number(bound))
  }

  /// Why the live release's outputs are not those that the set is about.
  private static func outputProblem(_ names: [String], _ release: LoadedRelease, _ live: LoadedRelease) -> String? {
    for name in names {
      guard let wanted = release.manifest.outputs.first(where: { $0.column.name == name })?.column else { continue }
      guard let found = live.manifest.outputs.first(where: { $0.column.name == name })?.column else {
        return "\(live.identity) has no output \(name)"
      }
      if found != wanted { return "the output of \(live.identity) is \(found), not \(wanted)" }
    }
    return nil
  }
}
