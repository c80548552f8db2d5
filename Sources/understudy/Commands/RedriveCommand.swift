import ArgumentParser
import Domain
import Serving
import Wire

/// `understudy redrive`.
struct RedriveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redrive",
    abstract: "Put dead letters back onto the topics of requests that they came from.",
    discussion: """
      For when what was wrong is mended: a release that was not live, a range that was too narrow. Each request goes back as it was, to its topic and
      partition, and is answered anew. Without a filter all letters go back that are there now; those that come meanwhile wait for the next time.

      Safe to repeat and to interrupt: each filter has a consumer group, whose offsets are committed with what was put back. The same command again
      redrives only what is new since; --name begins another pass. Ctrl-C finishes the transaction (exit 130), and the same command goes on. Of two at
      once with the same filter one ends with 75.

      Letters of requests that have killed a worker (stage_crashed) are left where they are unless --reason stage_crashed names them: they may do so
      again. Exit 1 if any letter that matches could not go back; the summary says why.

      Examples:
        understudy redrive --config worker.yaml --dry-run
        understudy redrive --config worker.yaml --reason no_live_release --reason deadline
        understudy redrive --bootstrap kafka:9092 --model-version 2.0.0 --from 2026-11-24T08:00:00Z --to 2026-11-24T09:00:00Z
        understudy redrive --config worker.yaml --reason out_of_range --name after-INC-204 --json
      """)

  @Option(name: .customLong("reason"), help: "Letters of this reason. May be given several times.")
  var reasons: [ResponseReason] = []

  @Option(help: "Letters of requests that this version has failed on.")
  var modelVersion: String?

  @Option(help: "Letters of failures from this time on, RFC 3339.", transform: Self.time)
  var from: Int64?

  @Option(help: "Letters of failures before this time, RFC 3339.", transform: Self.time)
  var to: Int64?

  @Option(help: "Letters of requests from this topic.")
  var topic: String?

  @Option(help: "Begins another pass with the same filter, or goes on with the one of this name.")
  var name: String?

  @Flag(help: "Read all and say what would be redriven; produce and commit nothing.")
  var dryRun = false

  @Flag(help: "The summary as one JSON document.")
  var json = false

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    if let name, !ReleaseIdentity.isValidName(name) {
      throw ValidationError(
        "--name \(name): expected letters, digits, dots, underscores and hyphens, at most \(Limits.nameCharacters)")
    }
    if let modelVersion, !ReleaseIdentity.isValidName(modelVersion) {
      throw ValidationError("--model-version \(modelVersion): is not the name of a version")
    }
    if let from, let to, from >= to { throw ValidationError("--from must be before --to, or nothing can match") }
  }

  func run() async throws {
    var target = try connection.target()
    target.logger = WorkerLog.make(level: "error")
    let requests = target.topics.requests.map(\.name)
    if let topic, !requests.contains(topic) {
      throw CommandFailure.usage(
        "--topic \(topic): has not the role of requests; expected one of \(requests.joined(separator: ", "))")
    }
    let redrive = Redrive(target: target, filter: filter, name: name, interruption: Interruption())
    Terminal.complain(
      dryRun ? "reads behind what group \(redrive.group) is done with" : "redrives as group \(redrive.group)")
    let ending = try await redrive.interruption.watch { [dryRun] in
      guard dryRun else { return try await redrive.run() }
      return try await onThread("redrive") {
        redrive.interruption.arm()
        return try RedrivePreview(redrive: redrive).run() ? .done : .interrupted
      }
    }
    try conclude(redrive, ending)
  }

  private var filter: RedriveFilter {
    var filter = RedriveFilter()
    filter.reasons = Set(reasons)
    (filter.modelVersion, filter.from, filter.to, filter.topic) = (modelVersion, from, to, topic)
    return filter
  }

  /// Tells what was done.
  private func conclude(_ redrive: Redrive, _ ending: Redrive.Ending) throws {
    let outcome =
      switch ending {
      case .done: "done"
      case .interrupted: "interrupted"
      case .failed: "failed"
      }
    let summary = RedriveSummary(
      group: redrive.group, isDryRun: dryRun, outcome: outcome, report: redrive.watch.counts.report,
      deleted: redrive.watch.deleted)
    Terminal.show(json ? summary.json.line : summary.text)
    switch ending {
    case .done: break
    case .interrupted:
      Terminal.complain(
        dryRun ? "interrupted" : "interrupted between two transactions: the same command goes on from here")
      throw ExitCode(130)
    case .failed(let failure): throw failure
    }
    if let complaint = summary.complaint { throw CommandFailure.failed(complaint) }
  }

  private static func time(_ text: String) throws -> Int64 {
    guard let time = Timestamp.milliseconds(text) else {
      throw ValidationError("expected a time as RFC 3339 writes it, such as 2026-11-20T09:58:00Z, got \(text)")
    }
    return time
  }
}

extension ResponseReason: ExpressibleByArgument {}
