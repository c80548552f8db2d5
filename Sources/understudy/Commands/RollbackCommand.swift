import ArgumentParser
import Domain
import Foundation

/// `understudy rollback`.
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Go back to an earlier release, now.",
    discussion: """
      Without --to it asks the workers what was live before and names that version, so that all of them do the same. A release that is warm is live at
      the next transaction. Later announcements of the model are stored but do not go live until `understudy resume --model MODEL`, unless
      --no-hold is given.

      Examples:
        understudy rollback breast-cancer --wait 60s
        understudy rollback breast-cancer --to 1.0.0 --reason INC-204
      """)

  @Argument(help: "The model.")
  var model: String

  @Option(help: "The version to go back to; by default what was live before.")
  var to: String?

  @Option(help: "Why, for the events and the status.")
  var reason: String?

  @Flag(inversion: .prefixedNo, help: "Keep later announcements from going live.")
  var hold = true

  @Option(help: "Wait so long for the outcome, e.g. 60s.")
  var wait: DurationArgument?

  @Flag(help: "JSON lines for programs.")
  var json = false

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let target = try connection.target()
    let (model, to) = (model, to)
    let (version, current) = try await onThread("status") { () throws -> (String, String?) in
      if let to { return (to, nil) }
      return try Self.previous(of: model, target)
    }
    let envelope = CommandEnvelope(
      id: UUID().uuidString.lowercased(), source: "understudy-cli",
      command: .rollback(Rollback(model: model, to: version, hold: hold, reason: reason)), ifCurrent: current)
    if !json { Terminal.show("\(model) goes back to \(version)") }
    try await CommandSender(target: target, json: json).send(envelope, wait: wait)
  }

  /// What was live before, if all workers agree.
  private static func previous(of model: String, _ target: ConnectionOptions.Target) throws -> (String, String) {
    let routes = try StatusReader.read(target).flatMap(\.routes).filter { $0.model == model }
    guard !routes.isEmpty else {
      throw CommandFailure.failed("no worker serves \(model); see `understudy status`, or name a version with --to")
    }
    let current = Set(routes.map(\.version))
    let previous = Set(routes.map { $0.previous ?? "" })
    guard current.count == 1, let live = current.first, previous.count == 1, let version = previous.first else {
      throw CommandFailure.failed(
        "the workers do not agree on what is live and what was before; name a version with --to")
    }
    guard !version.isEmpty else {
      throw CommandFailure.failed(
        "nothing of \(model) was live before \(live); name a version with --to (see `understudy releases`)")
    }
    return (version, live)
  }
}
