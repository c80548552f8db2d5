import ArgumentParser
import Domain

/// `understudy pause`.
struct PauseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: "Stop consuming, or stop releases of a model from going live.",
    discussion: """
      Examples:
        understudy pause --reason 'database migration'           # all workers stop consuming; requests wait in Kafka
        understudy pause --model breast-cancer --for 2h            # announcements are stored, not made live
        understudy pause --only-worker worker-2 --wait 10s         # one worker
      """)

  @Option(help: "Only keep releases of this model from going live; without it, stop consuming.")
  var model: String?

  @Option(
    name: .customLong("for"), help: "End by itself after so long, e.g. 2h.",
    transform: DurationArgument.init(argument:))
  var duration: DurationArgument?

  @Option(help: "Why, for the events and the status.")
  var reason: String?

  @OptionGroup var sending: SendingOptions

  func run() async throws {
    let until = duration.map { WallClock.milliseconds + Int64($0.duration / .milliseconds(1)) }
    let pause = Pause(scope: model == nil ? .consume : .activation, model: model, until: until, reason: reason)
    try await sending.send(.pause(pause), to: sending.connection.target())
  }
}
