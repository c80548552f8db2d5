import ArgumentParser
import Domain
import Foundation
import Wire

/// `understudy bench`.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure: the pipeline alone, batch by batch, with the time of each step.",
    discussion: """
      What is measured, and what a figure cannot tell, is in docs/bench.md. Without --release the example of the project is measured.

      Examples:
        understudy bench --pipeline
        understudy bench --pipeline --release releases/2.0.0 --records 1000000 --batch 256
      """)

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

  @Flag(help: "The pipeline alone, without a broker.")
  var pipeline = false

  @Option(help: "Records to answer: in whole batches with --pipeline.")
  var records: Int?

  @Option(name: .customLong("for"), help: "How long to go on; 5s by default.")
  var duration: DurationArgument?

  @Option(help: "With --pipeline: records of a batch.")
  var batch: Int = 1024

  @Flag(help: "Print the result as JSON.")
  var json = false

  func validate() throws {
    func check(_ name: String, _ value: Int?, _ range: ClosedRange<Int>) throws {
      guard let value, !range.contains(value) else { return }
      throw ValidationError("--\(name) \(value): expected \(range.lowerBound) to \(range.upperBound)")
    }
    try check("rows", rows, 1...Limits.rowsPerRequestCeiling)
    try check("record-bytes", recordBytes, 1...(16 << 20))
    try check("records", records, 1...1_000_000_000)
    try check("batch", batch, 1...65_536)
    if records != nil, duration != nil { throw ValidationError("--records and --for: expected one of them") }
    guard pipeline else { throw ValidationError("expected --pipeline") }
  }

  func run() async throws {
    let interruption = Interruption()
    let shape = BenchRequests.Shape(rows: rows, recordBytes: recordBytes, seed: seed)
    let goal = records.map(PipelineBench.Goal.records) ?? .duration(duration?.duration ?? .seconds(5))
    let (release, requests, batch, json) = (release, requests, batch, json)
    let isGood = try await interruption.watch {
      try await onThread("bench") { () throws -> Bool in
        let releases = try BenchReleases(release, files: requests, shape: shape, threads: 1)
        interruption.arm()
        let bench = PipelineBench(releases.loaded, requests: releases.requests, batch: batch)
        _ = bench.answers()
        let figures = bench.run(goal) { interruption.isRaised }
        if interruption.isRaised { throw ExitCode(130) }
        Terminal.show(json ? figures.document(of: releases.names).line : figures.text(of: releases.names))
        return figures.isGood
      }
    }
    if !isGood { throw CommandFailure.failed("not every request was answered, or some with an error") }
  }
}
