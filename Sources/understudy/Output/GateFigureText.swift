import Deployment
import Domain

/// The figures of a gate that fit into a cell of a table.
enum GateFigureText {
  /// `roc_auc 0.992845 in [0.95, 1], 24 rows end to end`, `ungated`, or `not run`.
  static func text(_ gate: WorkerStatus.Gate?) -> String {
    guard let gate else { return "not run" }
    let parts = [gate.isUngated ? "ungated" : nil, metric(gate), endToEnd(gate)].compactMap(\.self)
    return parts.isEmpty ? "no figures" : parts.joined(separator: ", ")
  }

  private static func metric(_ gate: WorkerStatus.Gate) -> String? {
    guard let metric = gate.metric else { return nil }
    guard let value = gate.value else { return "\(metric.rawValue) not defined" }
    guard let range = gate.acceptableRange else { return "\(metric.rawValue) \(FigureText.number(value))" }
    let (low, high) = (range.lowerBound, range.upperBound)
    // A figure that misses its bound by little is written so that one can see it.
    let figure = FigureText.number(value, besides: low, high)
    return "\(metric.rawValue) \(figure) \(range.contains(value) ? "in" : "not in") "
      + "[\(FigureText.number(low)), \(FigureText.number(high))]"
  }

  private static func endToEnd(_ gate: WorkerStatus.Gate) -> String? {
    guard let rows = gate.endToEndRows else { return nil }
    let failed = gate.failedRows ?? 0
    return failed > 0
      ? "\(failed) of \(FigureText.rows(rows)) failed end to end" : "\(FigureText.rows(rows)) end to end"
  }
}
