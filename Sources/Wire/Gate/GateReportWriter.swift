import Domain

/// Makes the document of a report, with optional fields only where they say something.
enum GateReportWriter {
  static func json(_ report: GateReport) -> JSON {
    var json = JSON.object([.init("outcome", .text(report.hasPassed ? "passed" : "refused"))])
    if report.isUngated { json.set("ungated", to: .bool(true)) }
    if let refusal = report.refusal {
      json.set("reason", to: .text(refusal.reason.rawValue))
      json.set("message", to: .text(refusal.message.shortened(toBytes: Limits.gateMessageBytes)))
      if refusal.mayRetry { json.set("may_retry", to: .bool(true)) }
    }
    if let endToEnd = report.endToEnd { json.set("end_to_end", to: self.endToEnd(endToEnd)) }
    if let confidence = report.confidence { json.set("confidence", to: self.confidence(confidence)) }
    if let comparison = report.comparison { json.set("comparison", to: self.comparison(comparison)) }
    if let resources = report.resources { json.set("resources", to: self.resources(resources)) }
    return json
  }

  private static func endToEnd(_ set: GateReport.EndToEnd) -> JSON {
    var json = rows(set.rows, failed: set.failedRows)
    if !set.failures.isEmpty { json.set("failures", to: failures(set.failures)) }
    return json
  }

  private static func rows(_ rows: Int, failed: Int) -> JSON {
    .object([.init("rows", .integer(Int64(rows))), .init("failed_rows", .integer(Int64(failed)))])
  }

  private static func failures(_ failures: [GateReport.Failure]) -> JSON {
    .array(
      failures.prefix(Limits.gateFailuresShown).map { failure in
        var json = JSON.object([.init("line", .integer(Int64(failure.line)))])
        json.set("output", toOptional: failure.output)
        json.set("expected", to: .text(failure.expected.shortened(toBytes: Limits.gateValueBytes)))
        json.set("found", to: .text(failure.found.shortened(toBytes: Limits.gateMessageBytes)))
        return json
      })
  }

  private static func confidence(_ set: GateReport.Confidence) -> JSON {
    var json = JSON.object([.init("metric", .text(set.metric.rawValue))])
    json.set("value", toOptional: set.value)
    json.set("acceptable_range", to: ManifestWriter.range(set.acceptableRange))
    json.set("operator_minimum", toOptional: set.operatorMinimum)
    json.set("rows", to: .integer(Int64(set.rows)))
    json.set("failed_rows", to: .integer(Int64(set.failedRows)))
    if !set.failures.isEmpty { json.set("failures", to: failures(set.failures)) }
    if set.withheldRows > 0 { json.set("withheld_rows", to: .integer(Int64(set.withheldRows))) }
    if !set.slices.isEmpty { json.set("slices", to: .array(set.slices.prefix(Limits.gateSlicesShown).map(slice))) }
    if !set.gaps.isEmpty { json.set("gaps", to: .array(set.gaps.prefix(Limits.slicesPerRelease).map(gap))) }
    return json
  }

  private static func slice(_ slice: GateReport.Slice) -> JSON {
    var json = JSON.object([
      .init("input", .text(slice.input)),
      .init("value", .text(slice.value.shortened(toBytes: Limits.gateValueBytes))),
      .init("rows", .integer(Int64(slice.rows))),
    ])
    json.set("metric", toOptional: slice.metric)
    json.set("judged", to: .bool(slice.isJudged))
    return json
  }

  private static func gap(_ gap: GateReport.Gap) -> JSON {
    var json = JSON.object([
      .init("input", .text(gap.input)), .init("slices", .integer(Int64(gap.slices))),
      .init("judged_slices", .integer(Int64(gap.judgedSlices))),
    ])
    json.set("gap", toOptional: gap.gap)
    json.set("maximum_gap", toOptional: gap.maximumGap)
    if let range = gap.acceptableRange { json.set("acceptable_range", to: ManifestWriter.range(range)) }
    return json
  }

  private static func comparison(_ comparison: GateReport.Comparison) -> JSON {
    var json = JSON.object([.init("version", .text(comparison.version))])
    json.set("metric", toOptional: comparison.metric)
    json.set("cost", toOptional: comparison.cost)
    json.set("live_cost", toOptional: comparison.liveCost)
    json.set("maximum_cost_ratio", toOptional: comparison.maximumCostRatio)
    json.set("note", toOptional: comparison.note.map { $0.shortened(toBytes: Limits.gateMessageBytes) })
    return json
  }

  private static func resources(_ resources: GateReport.Resources) -> JSON {
    var json = JSON.object([])
    if let bytes = resources.peakBytes { json.set("peak_bytes", to: .integer(bytes)) }
    json.set("row_us", toOptional: resources.rowMicroseconds)
    json.set("live_row_us", toOptional: resources.liveRowMicroseconds)
    json.set("maximum_slowdown", toOptional: resources.maximumSlowdown)
    json.set("request_ms", toOptional: resources.requestMilliseconds)
    json.set("deadline_ms", toOptional: resources.deadlineMilliseconds)
    return json
  }
}

extension JSON {
  /// Sets a field to a number, if there is one.
  package mutating func set(_ name: String, toOptional number: Double?) {
    if let number { set(name, to: .number(number)) }
  }
}
