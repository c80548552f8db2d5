import ArgumentParser
import Domain
import Wire

/// `understudy releases`.
struct ReleasesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "releases",
    abstract: "Show the releases that the workers know: how far each is, what its gate found, and why it was refused.",
    discussion: """
      Workers that say the same of a release share a row; where they do not agree, each has its own. With --json there is one document for each
      release and worker.

      Examples:
        understudy releases --bootstrap 127.0.0.1:9092
        understudy releases --model breast-cancer
        understudy releases --json | jq -r 'select(.step == "refused") | [.version, .worker, .reason] | @tsv'
      """)

  @Option(help: "Only this model.")
  var model: String?

  @Flag(help: "One JSON document a release and worker.")
  var json = false

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let target = try connection.target()
    let statuses = try await onThread("status") { try StatusReader.read(target) }
    guard json else { return Terminal.show(ReleasesTable(statuses, model: model, now: WallClock.milliseconds).text) }
    for status in statuses {
      for release in status.releases where model == nil || release.model == model {
        Terminal.show(Self.json(release, status).line)
      }
    }
  }

  private static func json(_ release: WorkerStatus.Release, _ status: WorkerStatus) -> JSON {
    var json = JSON.object([
      .init("group", .text(status.group)), .init("worker", .text(status.slot)), .init("model", .text(release.model)),
      .init("version", .text(release.version)), .init("step", .text(release.step.rawValue)),
      .init("digest", .text(release.digest)), .init("since", .text(Timestamp.text(release.since))),
      .init("command_id", .text(release.commandID)),
    ])
    json.set("reason", toOptional: release.reason?.rawValue)
    json.set("message", toOptional: release.message)
    if let gate = release.gate { json.set("gate", to: StatusCodec.json(gate)) }
    return json
  }
}
