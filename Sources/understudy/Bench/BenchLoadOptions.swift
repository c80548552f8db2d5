import ArgumentParser
import Domain

/// What a bench sends, and how.
struct BenchLoadOptions: ParsableArguments {
  @Option(help: "A release, a tar or a packed directory; one for each model. By default the example's.")
  var release: [String] = []

  @Option(
    help: "Contexts for the releases in their order, as JSON lines or CSV; made from the manifest's inputs without.")
  var requests: [String] = []

  @Option(help: "What made requests come from: the same seed makes the same ones.")
  var seed: UInt64 = 1

  @Option(help: "Rows of each request: more than one make it an array.")
  var rows = 1

  @Option(help: "Bytes of a request at least; a field that means nothing fills it up.")
  var recordBytes: Int?

  @Option(help: "Records to answer at once, 100000 by default; in whole batches with --pipeline.")
  var records: Int?

  @Option(help: "Requests a second, whatever becomes of the answers.")
  var rate: Int?

  @Option(
    name: .customLong("for"), help: "How long to go on: 30s by default with --rate, 5s with --pipeline.",
    transform: DurationArgument.init(argument:))
  var duration: DurationArgument?

  func validate() throws {
    func check(_ name: String, _ value: Int?, _ range: ClosedRange<Int>) throws {
      guard let value, !range.contains(value) else { return }
      throw ValidationError("--\(name) \(value): expected \(range.lowerBound) to \(range.upperBound)")
    }
    try check("rows", rows, 1...Limits.rowsPerRequestCeiling)
    try check("record-bytes", recordBytes, 1...(16 << 20))
    try check("records", records, 1...999_999_999)
    try check("rate", rate, 1...1_000_000)
    if records != nil, duration != nil { throw ValidationError("--records and --for: expected one of them") }
    if records != nil, rate != nil { throw ValidationError("--records and --rate: expected one of them") }
    if let duration, duration.duration < .seconds(1) || duration.duration > .seconds(86_400) {
      throw ValidationError("--for: expected 1s to 24h")
    }
  }

  var shape: BenchRequests.Shape { .init(rows: rows, recordBytes: recordBytes, seed: seed) }

  /// For the pipeline alone.
  var goal: PipelineBench.Goal { records.map { .records($0) } ?? .duration(duration?.duration ?? .seconds(5)) }

  /// For a run against a broker.
  var plan: BenchPlan.Load {
    guard let rate else { return .flatOut(records: records ?? 100_000) }
    return .steady(perSecond: rate, seconds: (duration?.duration ?? .seconds(30)) / .seconds(1))
  }
}
