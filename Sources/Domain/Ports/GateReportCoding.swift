/// Turns reports into text and back, so that the rooms that keep or pass them on need not know their notation.
///
/// Contract: pure functions; may be called from any thread. What `encode` makes, `decode` reads, also that of an older
/// build.
package protocol GateReportCoding: Sendable {
  /// One line of text.
  func encode(_ report: GateReport) -> String
  /// The report, or nil if the text is none.
  func decode(_ text: String) -> GateReport?
}
