import ArgumentParser
import Domain
import Foundation

/// What every command takes that sends something to the workers.
struct SendingOptions: ParsableArguments {
  @Option(
    help: "Wait so long for what every worker makes of it, e.g. 60s.", transform: DurationArgument.init(argument:))
  var wait: DurationArgument?

  @Option(help: "Refuse unless this version of the model is live.")
  var ifCurrent: String?

  @Flag(help: "Have everything checked and reported, but switch nothing.")
  var dryRun = false

  @Option(
    name: .customLong("only-group"), help: "Only workers of this group are meant. May be given several times.")
  var groups: [String] = []

  @Option(
    name: .customLong("only-worker"), help: "Only the worker in this slot is meant. May be given several times.")
  var workers: [String] = []

  @Option(
    help:
      "Refuse it if it reaches the control topic later than so long from now, e.g. 30s, on a slow way to the broker.",
    transform: DurationArgument.init(argument:))
  var expires: DurationArgument?

  @Flag(help: "JSON lines for programs.")
  var json = false

  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    let most = Limits.targetsPerCommand
    guard groups.count <= most, workers.count <= most else {
      throw ValidationError("at most \(most) groups and \(most) workers can be named")
    }
  }

  /// A command with everything that these options say.
  /// - Parameter ifCurrent: the version that must be live unless the user names one.
  func envelope(_ command: Command, ifCurrent current: String? = nil) throws -> CommandEnvelope {
    if ifCurrent != nil, command.model == nil {
      throw CommandFailure.usage("--if-current names a version of a model, and this command is about no model")
    }
    let expiry = expires.map { WallClock.milliseconds + Int64($0.duration / .milliseconds(1)) }
    return CommandEnvelope(
      id: UUID().uuidString.lowercased(), source: "understudy-cli", command: command, expiresAt: expiry,
      ifCurrent: ifCurrent ?? current, isDryRun: dryRun, targetGroups: groups.isEmpty ? nil : groups,
      targetWorkers: workers.isEmpty ? nil : workers)
  }

  /// Sends a command and, if asked to, waits for its outcome.
  /// - Parameter standard: the wait if the user names none; nil for none.
  /// - Throws: `CommandFailure.failed` if any worker refused, or not all of them ended it in time.
  func send(
    _ command: Command, ifCurrent current: String? = nil, wait standard: DurationArgument? = nil,
    to target: ConnectionOptions.Target
  ) async throws {
    try await CommandSender(target: target, json: json).send(
      envelope(command, ifCurrent: current), wait: wait ?? standard)
  }
}
