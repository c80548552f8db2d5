import Domain
import Serving
import Wire

/// Whether a release gives the very outputs that it was packed with: the proof that what is served here is what was
/// tested there.
struct EndToEndCheck {
  private let set: EndToEndSet
  private let outputs: [OutputSpecification]
  /// The figures.
  private(set) var figures: GateReport.EndToEnd
  /// `end_to_end_failed` with the first failure; nil if there is none.
  var refusal: Refusal? {
    guard figures.failedRows > 0, let first = figures.failures.first else { return nil }
    let place = "\(set.file):\(first.line)"
    let what = first.output.map { "\($0) is \(first.found), expected \(first.expected)" } ?? first.found
    return Refusal(
      .endToEndFailed, "\(figures.failedRows) of \(FigureText.rows(figures.rows)) failed; the first, \(place): \(what)")
  }

  /// Runs the set.
  init(_ set: EndToEndSet, rows: [EndToEndRow], release: LoadedRelease) {
    self.set = set
    outputs = release.manifest.outputs
    figures = GateReport.EndToEnd(rows: rows.count)
    var failures: [GateReport.Failure] = []
    var failedRows = 0
    RowAnswers(release: release).forEach(rows.map(\.context)) { position, answer, _ in
      let found = self.failures(rows[position], answer)
      if !found.isEmpty { failedRows += 1 }
      failures += found.prefix(Limits.gateFailuresShown - failures.count)
    }
    figures.failures = failures
    figures.failedRows = failedRows
  }

  private func failures(_ row: EndToEndRow, _ answer: RowAnswer) -> [GateReport.Failure] {
    switch answer {
    case .failed(let reason, let message): [GateReport.Failure(line: row.line, reason: reason, message: message)]
    case .outputs(let values):
      row.expected.compactMap { expected in
        let found = values.indices.contains(expected.output) ? values[expected.output] : []
        return failure(line: row.line, expected, found)
      }
    }
  }

  /// The first element that is not as expected.
  private func failure(
    line: Int, _ expected: EndToEndRow.Expected, _ found: [Value]
  ) -> GateReport.Failure? {
    let name = outputs.indices.contains(expected.output) ? outputs[expected.output].column.name : ""
    guard found.count == expected.elements.count else {
      return GateReport.Failure(
        line: line, output: name, expected: GateText.value(expected.elements), found: GateText.value(found))
    }
    let isWide = found.count > 1
    for (element, (expected, found)) in zip(expected.elements, found).enumerated() where !agrees(found, expected) {
      return GateReport.Failure(
        line: line, output: isWide ? "\(name)[\(element)]" : name, expected: GateText.value([expected]),
        found: GateText.value([found]))
    }
    return nil
  }

  /// Numbers within the tolerance, all else exactly.
  private func agrees(_ found: Value, _ expected: Value) -> Bool {
    guard case .number(let found) = found, case .number(let expected) = expected else { return found == expected }
    return abs(found - expected) <= max(set.absoluteTolerance, set.relativeTolerance * abs(expected))
  }
}

extension GateReport.Failure {
  /// A row that got an error.
  init(line: Int, reason: String, message: String) {
    self.init(line: line, output: nil, expected: "outputs", found: message.isEmpty ? reason : "\(reason): \(message)")
  }
}
