import Foundation
import Wire

/// What a run of the pipeline alone has come to.
struct PipelineFigures: Sendable {
  var batches: Int
  var records: Int
  var rows: Int
  var seconds: Double
  var steps: StepTimes
  /// Responses that were made.
  var answered: Int
  /// Those of status error.
  var errors: Int

  /// Whether every record had an answer, and none was an error.
  var isGood: Bool { answered == records && errors == 0 && records > 0 }

  var recordsPerSecond: Double { seconds > 0 ? Double(records) / seconds : 0 }
  var rowsPerSecond: Double { seconds > 0 ? Double(rows) / seconds : 0 }
  var table: StepTable { StepTable(steps, records: records, seconds: seconds, rest: "rest") }

  func text(of releases: [String]) -> String {
    let perBatch = batches > 0 ? records / batches : 0
    return """
      pipeline alone, no broker: \(releases.joined(separator: ", "))
        \(records) records (\(rows) rows) in \(String(format: "%.2f", seconds)) s, \(batches) batches of \(perBatch)
        \(Int(recordsPerSecond)) records/s, \(Int(rowsPerSecond)) rows/s
      where the time of a record goes
      \(table.text)
        \(isGood ? "every request was answered, none with an error" : "BAD: \(records - answered) not answered, \(errors) errors")
      """
  }

  func document(of releases: [String]) -> JSON {
    .object([
      .init("mode", .text("pipeline")), .init("good", .bool(isGood)),
      .init("releases", .array(releases.map { .text($0) })), .init("records", .integer(Int64(records))),
      .init("rows", .integer(Int64(rows))), .init("batches", .integer(Int64(batches))),
      .init("seconds", .number(seconds)), .init("records_per_second", .number(recordsPerSecond)),
      .init("rows_per_second", .number(rowsPerSecond)), .init("us_per_record", .number(table.total)),
      .init("answered", .integer(Int64(answered))), .init("errors", .integer(Int64(errors))),
      .init("steps", table.document),
    ])
  }
}
