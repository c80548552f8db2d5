import ArgumentParser
import Domain

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
        understudy rollback breast-cancer --dry-run --wait 10s
        understudy rollback breast-cancer --if-current 2.0.0 --no-hold
      """)

  @Argument(help: "The model.")
  var model: String

  @Option(help: "The version to go back to; by default what was live before.")
  var to: String?

  @Option(help: "Why, for the events and the status.")
  var reason: String?

  @Flag(inversion: .prefixedNo, help: "Keep later announcements from going live.")
  var hold = true

  @OptionGroup var sending: SendingOptions

  func run() async throws {
    let target = try sending.connection.target()
    let (model, to, sending) = (model, to, sending)
    let (version, current) = try await onThread("status") { () throws -> (String, String?) in
      if let to { return (to, nil) }
      let statuses = try StatusReader.read(target)
      let scope = try sending.envelope(.rollback(Rollback(model: model, to: nil)))
      return try Self.previous(of: model, statuses.filter { scope.targets(group: $0.group, worker: $0.slot) })
    }
    if !sending.json { Terminal.show("\(model) goes back to \(version)") }
    let rollback = Rollback(model: model, to: version, hold: hold, reason: reason)
    try await sending.send(.rollback(rollback), ifCurrent: current, to: target)
  }

  /// What was live before, if all workers agree. A worker that was not heard of for a while does not keep the others
  /// from going back, unless nobody else is there.
  private static func previous(of model: String, _ statuses: [WorkerStatus]) throws -> (String, String) {
    let now = WallClock.milliseconds
    let fresh = statuses.filter { !$0.isStale(at: now) }
    let routes = (fresh.isEmpty ? statuses : fresh).flatMap(\.routes).filter { $0.model == model }
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
