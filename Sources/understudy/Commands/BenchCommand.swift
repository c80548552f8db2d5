import ArgumentParser
import Domain
import Foundation
import Kafka
import Wire

/// `understudy bench`.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure: how fast, how late, what a swap costs, and where the time goes.",
    discussion: """
      Runs a worker in this process against the embedded broker, or against a named one with topics of its own that it deletes again, and ends with an account
      that is read from the topics. Exit code 0 if every request was answered exactly once and without an error. What each figure means, and what it cannot
      tell, is in docs/bench.md. Without --release the example of the project is measured.

      Examples:
        understudy bench                                        # 100000 requests at once: records a second
        understudy bench --rate 2000 --for 30s                  # latency, from when each request was due
        understudy bench --rate 1000 --for 60s --swaps 100 --rollbacks 100
        understudy bench --release releases/2.0.0 --requests rows.jsonl --records 500000 --bootstrap kafka:9092
        understudy bench --rate 500 --set batch.linger_milliseconds=0 --json | jq .latency.all
        understudy bench --pipeline --records 1000000 --batch 256    # no broker: the pipeline alone
      """)

  @OptionGroup(title: "Requests") var load: BenchLoadOptions
  @OptionGroup(title: "Worker and broker") var target: BenchWorkerOptions

  @Flag(help: "The pipeline alone, without a broker.")
  var pipeline = false

  @Option(help: "With --pipeline: records of a batch.")
  var batch = 1024

  @Option(help: "With --pipeline: rows of a run of the stages, instead of what is found by experiment.")
  var runRows: Int?

  @Option(help: "With --rate: swaps to new versions of the same stages, spread over the middle third.")
  var swaps = 0

  @Option(help: "With --rate: rollbacks back and forth, after the swaps.")
  var rollbacks = 0

  @Flag(help: "Print the result as JSON.")
  var json = false

  @Flag(help: "Say nothing while it runs.")
  var quiet = false

  func validate() throws {
    func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
      guard !range.contains(value) else { return }
      throw ValidationError("--\(name) \(value): expected \(range.lowerBound) to \(range.upperBound)")
    }
    try check("batch", batch, 1...65_536)
    if let runRows {
      guard pipeline else { throw ValidationError("--run-rows needs --pipeline: a worker finds them by experiment") }
      try check("run-rows", runRows, 1...65_536)
    }
    try check("swaps", swaps, 0...100_000)
    try check("rollbacks", rollbacks, 0...100_000)
    if pipeline {
      if load.rate != nil || swaps + rollbacks > 0 {
        throw ValidationError("--pipeline has no broker: --rate, --swaps and --rollbacks mean nothing there")
      }
      if !target.isEmpty { throw ValidationError("--pipeline has no broker and no worker: leave their options out") }
    } else if load.rate == nil {
      if swaps + rollbacks > 0 { throw ValidationError("--swaps and --rollbacks need a steady load: give --rate") }
      if load.duration != nil { throw ValidationError("--for needs --rate or --pipeline") }
    }
  }

  func run() async throws {
    let interruption = Interruption()
    let (isPipeline, batch, runRows, quiet, load) = (pipeline, batch, runRows, quiet || json, load)
    var plan = BenchPlan(load: load.plan, worker: WorkerConfiguration())
    (plan.swaps, plan.rollbacks, plan.isQuiet) = (swaps, rollbacks, quiet)
    if !isPipeline { try target.configure(&plan) }
    let (checked, goal) = (plan, load.goal)
    let (document, text, isGood) = try await interruption.watch { () async throws -> (JSON, String, Bool) in
      let releases = try await onThread("load") {
        interruption.arm()
        return try BenchReleases(
          load.release, files: load.requests, shape: load.shape, threads: checked.worker.engineThreads)
      }
      if isPipeline {
        let figures = try await onThread("bench") { () throws -> PipelineFigures in
          let bench = PipelineBench(releases.loaded, requests: releases.requests, batch: batch, runRows: runRows)
          _ = bench.answers()
          return bench.run(goal) { interruption.isRaised }
        }
        if interruption.isRaised { throw ExitCode(130) }
        return (figures.document(of: releases.names), figures.text(of: releases.names), figures.isGood)
      }
      let result = try await BrokerBench(checked, releases) { interruption.isRaised }.run()
      return (result.document, result.text, result.isGood)
    }
    Terminal.show(json ? document.line : text)
    if !isGood { throw CommandFailure.failed("not every request was answered exactly once and without an error") }
  }
}
