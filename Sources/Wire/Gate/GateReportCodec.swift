import Domain

/// Reports as one JSON object: in events, the state, and the output of `check`.
///
/// Lists and texts have the bounds of `Limits`, so that a report always fits into an event.
package struct GateReportCodec: GateReportCoding {
  /// A codec.
  package init() {}

  package func encode(_ report: GateReport) -> String { Self.json(report).line }

  package func decode(_ text: String) -> GateReport? {
    guard let json = try? JSON(parsing: Array(text.utf8)) else { return nil }
    return try? GateReportReader.report(JSONReader(json))
  }

  /// A report's document, to be part of another.
  package static func json(_ report: GateReport) -> JSON { GateReportWriter.json(report) }
}
