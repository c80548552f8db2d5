import Deployment
import Domain

/// What the gate finds of two releases, side by side: each on the sets that it brings itself.
struct MeasuredDiff {
  /// Figures with the same name in both, in the order in which they are shown.
  let figures: [Figure]

  struct Figure: Equatable {
    var name: String
    /// Nil where the release has no such figure.
    var before: String?
    var after: String?
  }

  init(_ before: GateReport, _ after: GateReport) {
    let (earlier, later) = (Self.figures(before), Self.figures(after))
    let values = Dictionary(earlier, uniquingKeysWith: { first, _ in first })
    let laterValues = Dictionary(later, uniquingKeysWith: { first, _ in first })
    let names = earlier.map(\.0) + later.map(\.0).filter { values[$0] == nil }
    figures = names.map { Figure(name: $0, before: values[$0], after: laterValues[$0]) }
  }

  private static func figures(_ report: GateReport) -> [(String, String)] {
    var figures = [
      ("gate", report.refusal.map { "refused: \($0.reason.rawValue)" } ?? (report.isUngated ? "ungated" : "passed"))
    ]
    if let set = report.endToEnd { figures.append(("end-to-end rows failed", "\(set.failedRows) of \(set.rows)")) }
    if let set = report.confidence {
      let value = set.value.map(FigureText.number) ?? "not defined"
      figures.append((set.metric.rawValue, "\(value) on \(FigureText.rows(set.rows))"))
      // In the order of their names: worst first would pair nothing.
      for slice in set.slices.sorted(by: { ($0.input, $0.value) < ($1.input, $1.value) }) {
        let value = slice.metric.map(FigureText.number) ?? "not defined"
        figures.append(
          (
            "\(set.metric.rawValue) where \(slice.input) is \(slice.value)",
            "\(value) on \(FigureText.rows(slice.rows))"
          ))
      }
      for gap in set.gaps {
        figures.append(("gap by \(gap.input)", gap.gap.map(FigureText.number) ?? "not defined"))
      }
    }
    if let time = report.resources?.rowMicroseconds {
      figures.append(("time of a row", "\(FigureText.time(time)) µs"))
    }
    if let time = report.resources?.requestMilliseconds {
      figures.append(("time of a request", "\(FigureText.time(time)) ms"))
    }
    return figures
  }
}
