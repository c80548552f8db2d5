import Foundation
import Wire

/// Where the time of a record goes: microseconds and share of each step, and what is left of the whole.
struct StepTable: Sendable {
  /// One line.
  struct Line: Sendable, Equatable {
    var name: String
    var microseconds: Double
    var share: Double
  }

  let lines: [Line]
  /// Microseconds of a record in all.
  let total: Double

  /// A table.
  /// - Parameters:
  ///   - seconds: what all steps and all waiting have taken, of every lane.
  ///   - rest: what the time outside of every step is called.
  init(_ times: StepTimes, records: Int, seconds: Double, rest: String) {
    let microseconds = 1e6 / Double(max(1, records))
    let whole = max(seconds, times.total)
    func line(_ name: String, _ seconds: Double) -> Line {
      Line(name: name, microseconds: seconds * microseconds, share: whole > 0 ? seconds / whole : 0)
    }
    let steps = BenchStep.allCases.compactMap { step in
      times.seconds[step].flatMap { $0 > 0 ? line(step.rawValue, $0) : nil }
    }
    lines = steps + [line(rest, whole - times.total)]
    total = whole * microseconds
  }

  var text: String {
    let rows = lines + [Line(name: "in all", microseconds: total, share: 1)]
    return rows.map { row in
      "  \(row.name.padded(to: 12)) \(Self.number(row.microseconds, 10)) µs \(Self.number(row.share * 100, 7)) %"
    }.joined(separator: "\n")
  }

  var document: JSON {
    .object(
      lines.map {
        .init(
          $0.name.replacing(" ", with: "_"),
          .object([.init("us_per_record", .number($0.microseconds)), .init("share", .number($0.share))]))
      })
  }

  private static func number(_ value: Double, _ width: Int) -> String {
    let text = String(format: "%.2f", value)
    return String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
