import ArgumentParser
import Domain
import Foundation
import Kafka
import Wire

/// `understudy traffic`.
struct TrafficCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "traffic",
    abstract: "Promote a stored release.",
    discussion: """
      Example:
        understudy traffic breast-cancer 2.0.0=100 --wait 60s
      """)

  @Argument(help: "The model.")
  var model: String

  @Argument(help: "VERSION=100; one route of 100 is what is supported.")
  var route: String

  @Option(help: "Wait so long for the outcome, e.g. 60s.")
  var wait: DurationArgument?

  @Option(help: "Refuse unless this version is live.")
  var ifCurrent: String?

  @Flag(help: "JSON lines for programs.")
  var json = false

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let parts = route.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2, let weight = Int(parts[1]) else {
      throw CommandFailure.usage("\(route): expected VERSION=WEIGHT, e.g. 2.0.0=100")
    }
    let traffic = Traffic(model: model, routes: [.init(version: String(parts[0]), weight: weight)])
    try await CommandSender(target: connection.target(), json: json).send(
      CommandEnvelope(
        id: UUID().uuidString.lowercased(), source: "understudy-cli", command: .traffic(traffic), ifCurrent: ifCurrent),
      wait: wait)
  }
}

/// `understudy retire`.
struct RetireCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire",
    abstract: "Make the workers forget a release and its files.",
    discussion: """
      What is live, or the way back from it, cannot be retired. The release's chunks are taken out of the releases topic too, once the command is
      acknowledged.

      Example:
        understudy retire breast-cancer 1.0.0
      """)

  @Argument(help: "The model.")
  var model: String

  @Argument(help: "The version.")
  var version: String

  @Option(help: "Wait so long for the outcome, e.g. 60s.")
  var wait: DurationArgument?

  @Flag(help: "JSON lines for programs.")
  var json = false

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let target = try connection.target()
    try await CommandSender(target: target, json: json).send(
      CommandEnvelope(
        id: UUID().uuidString.lowercased(), source: "understudy-cli",
        command: .retire(Retire(model: model, version: version))), wait: wait)
    let (model, version, json) = (model, version, json)
    try await onThread("chunks") {
      let count = try ChunkRemoval.run(model: model, version: version, target: target)
      if !json { Terminal.show("\(count) chunk\(count == 1 ? "" : "s") taken out of \(target.topics.releases)") }
    }
  }
}

/// `understudy pause`.
struct PauseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Stop consuming, or stop releases of a model from going live.",
    discussion: """
      Examples:
        understudy pause --reason 'database migration'           # all workers stop consuming; requests wait in Kafka
        understudy pause --model breast-cancer --for 2h            # announcements are stored, not made live
      """)

  @Option(help: "Only keep releases of this model from going live; without it, stop consuming.")
  var model: String?

  @Option(name: .customLong("for"), help: "End by itself after so long, e.g. 2h.")
  var duration: DurationArgument?

  @Option(help: "Why, for the events and the status.")
  var reason: String?

  @Option(help: "Wait so long for the outcome, e.g. 60s.")
  var wait: DurationArgument?

  @Flag(help: "JSON lines for programs.")
  var json = false

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let until = duration.map { WallClock.milliseconds + Int64($0.duration / .milliseconds(1)) }
    let pause = Pause(scope: model == nil ? .consume : .activation, model: model, until: until, reason: reason)
    try await CommandSender(target: connection.target(), json: json).send(
      CommandEnvelope(id: UUID().uuidString.lowercased(), source: "understudy-cli", command: .pause(pause)), wait: wait)
  }
}

/// `understudy resume`.
struct ResumeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "End a pause, or the hold that a rollback left.",
    discussion: """
      Examples:
        understudy resume                              # consume again
        understudy resume --model breast-cancer        # announcements go live again
      """)

  @Option(help: "The model whose releases may go live again; without it, consuming begins again.")
  var model: String?

  @Option(help: "Wait so long for the outcome, e.g. 60s.")
  var wait: DurationArgument?

  @Flag(help: "JSON lines for programs.")
  var json = false

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let resume = Resume(scope: model == nil ? .consume : .activation, model: model)
    try await CommandSender(target: connection.target(), json: json).send(
      CommandEnvelope(id: UUID().uuidString.lowercased(), source: "understudy-cli", command: .resume(resume)),
      wait: wait)
  }
}
