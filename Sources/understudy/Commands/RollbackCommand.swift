import ArgumentParser
import Domain

/// `understudy rollback`.
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Go back to an earlier release, now.",
    discussion: """
      Without --to it asks the workers what was live before and names that version, so that all of them do the same. With --to it names, as what must
      still be live, what all workers serve, unless they do not agree or --if-current says otherwise. A release that is warm is live at the next
      transaction. Later announcements of the model are stored but do not go live until `understudy resume --model MODEL`, unless --no-hold is given.

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
    let (model, to) = (model, to)
    let scope = try sending.envelope(.rollback(Rollback(model: model, to: to)))
    let goal = try await onThread("status") { () throws -> RollbackGoal in
      guard let to else { return try RollbackGoal(of: model, try StatusReader.read(target).filter(scope.isFor)) }
      // Who names a version is not kept from going back by statuses that cannot be read.
      return RollbackGoal(of: model, to: to, ((try? StatusReader.read(target)) ?? []).filter(scope.isFor))
    }
    if goal.isOutdated {
      Terminal.complain(
        "no worker was heard of in the last \(Limits.staleStatusMilliseconds / 1000) s: going by what they said last")
    }
    if !sending.json {
      Terminal.show("\(model) \(sending.dryRun ? "would go" : "is to go") back to \(goal.version)")
    }
    let rollback = Rollback(model: model, to: goal.version, hold: hold, reason: reason)
    try await sending.send(.rollback(rollback), ifCurrent: goal.current, to: target)
  }
}
