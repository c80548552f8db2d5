import Domain

/// Reads the document of a report. What is missing because an older build did not know it is empty.
enum GateReportReader {
  static func report(_ reader: JSONReader) throws(WireError) -> GateReport {
    let isPassed = try reader["outcome"].text() == "passed"
    var report = GateReport(
      isUngated: try reader["ungated"].optional { ungated throws(WireError) in try ungated.bool() } ?? false)
    report.endToEnd = try reader["end_to_end"].optional { set throws(WireError) in
      GateReport.EndToEnd(
        rows: try count(set["rows"]), failedRows: try count(set["failed_rows"]),
        failures: try list(set["failures"], failure))
    }
    report.confidence = try reader["confidence"].optional(confidence)
    report.comparison = try reader["comparison"].optional(comparison)
    report.resources = try reader["resources"].optional(resources)
    if !isPassed {
      report.refusal = Refusal(
        try reader["reason"].choice(RefusalReason.self), try reader["message"].optionalText() ?? "",
        mayRetry: try reader["may_retry"].optional { retry throws(WireError) in try retry.bool() } ?? false)
    }
    return report
  }

  private static func failure(_ reader: JSONReader) throws(WireError) -> GateReport.Failure {
    GateReport.Failure(
      line: try count(reader["line"]), output: try reader["output"].optionalText(),
      expected: try reader["expected"].text(), found: try reader["found"].text())
  }

  private static func confidence(_ reader: JSONReader) throws(WireError) -> GateReport.Confidence {
    GateReport.Confidence(
      metric: try reader["metric"].choice(Metric.self), value: try number(reader["value"]),
      acceptableRange: try range(reader["acceptable_range"]),
      operatorMinimum: try number(reader["operator_minimum"]), rows: try count(reader["rows"]),
      failedRows: try count(reader["failed_rows"]), failures: try list(reader["failures"], failure),
      withheldRows: try reader["withheld_rows"].optional { rows throws(WireError) in try count(rows) } ?? 0,
      slices: try list(reader["slices"], slice), gaps: try list(reader["gaps"], gap))
  }

  private static func slice(_ reader: JSONReader) throws(WireError) -> GateReport.Slice {
    GateReport.Slice(
      input: try reader["input"].text(), value: try reader["value"].text(), rows: try count(reader["rows"]),
      metric: try number(reader["metric"]), isJudged: try reader["judged"].bool())
  }

  private static func gap(_ reader: JSONReader) throws(WireError) -> GateReport.Gap {
    GateReport.Gap(
      input: try reader["input"].text(), judgedSlices: try count(reader["judged_slices"]),
      slices: try count(reader["slices"]), gap: try number(reader["gap"]),
      maximumGap: try number(reader["maximum_gap"]),
      acceptableRange: try reader["acceptable_range"].optional(range))
  }

  private static func comparison(_ reader: JSONReader) throws(WireError) -> GateReport.Comparison {
    var comparison = GateReport.Comparison(version: try reader["version"].text())
    comparison.metric = try number(reader["metric"])
    comparison.cost = try number(reader["cost"])
    comparison.liveCost = try number(reader["live_cost"])
    comparison.maximumCostRatio = try number(reader["maximum_cost_ratio"])
    comparison.note = try reader["note"].optionalText()
    return comparison
  }

  private static func resources(_ reader: JSONReader) throws(WireError) -> GateReport.Resources {
    var resources = GateReport.Resources()
    resources.peakBytes = try reader["peak_bytes"].optional { bytes throws(WireError) in try bytes.integer() }
    resources.rowMicroseconds = try number(reader["row_us"])
    resources.liveRowMicroseconds = try number(reader["live_row_us"])
    resources.maximumSlowdown = try number(reader["maximum_slowdown"])
    resources.requestMilliseconds = try number(reader["request_ms"])
    resources.deadlineMilliseconds = try number(reader["deadline_ms"])
    return resources
  }

  // MARK: Parts

  private static func count(_ reader: JSONReader) throws(WireError) -> Int {
    Int(try reader.integer(in: 0...Int64.max))
  }

  private static func number(_ reader: JSONReader) throws(WireError) -> Double? {
    try reader.optional { value throws(WireError) in try value.number() }
  }

  private static func range(_ reader: JSONReader) throws(WireError) -> ClosedRange<Double> {
    let bounds = try reader.elements()
    guard bounds.count == 2 else { throw reader.error(expected: "two numbers") }
    let (lower, upper) = (try bounds[0].number(), try bounds[1].number())
    guard lower <= upper else { throw reader.error(expected: "two numbers, the lower one first") }
    return lower...upper
  }

  private static func list<Element>(
    _ reader: JSONReader, _ read: (JSONReader) throws(WireError) -> Element
  ) throws(WireError) -> [Element] {
    guard reader.value != nil else { return [] }
    var list: [Element] = []
    for element in try reader.elements() { list.append(try read(element)) }
    return list
  }
}
