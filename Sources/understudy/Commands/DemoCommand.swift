import ArgumentParser
import Domain
import Foundation
import Wire

/// `understudy demo`.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "See it work: serve, swap and roll back under load, with an account at the end.",
    discussion: """
      Starts the embedded broker and a worker, serves release 1.0.0 of the example, streams requests without pause, publishes release 2.0.0, rolls back, and
      prints an account that is computed from the topics alone. Exit code 0 if every request was answered exactly once, in order, by the release that the
      answer names.

      Examples:
        understudy demo
        understudy demo --for 10m --rate 2000
        understudy demo --rollbacks 200      # how long a rollback takes: median and p99
      """)

  @Option(
    name: .customLong("for"), help: "How long to stream requests; 12s by default.",
    transform: DurationArgument.init(argument:))
  var duration: DurationArgument = DurationArgument(seconds: 12)

  @Option(help: "Requests per second.")
  var rate: Int = 1000

  @Option(help: "Roll back and forth so often before the end, and tell how long that took.")
  var rollbacks: Int = 0

  @Option(help: "The folder with the example's releases and requests.")
  var example: String = "Examples/breast-cancer"

  @Flag(help: "Print the account as JSON.")
  var json = false

  func validate() throws {
    guard (1...20_000).contains(rate) else { throw ValidationError("--rate \(rate): expected 1 to 20000") }
    guard (0...10_000).contains(rollbacks) else {
      throw ValidationError("--rollbacks \(rollbacks): expected 0 to 10000")
    }
  }

  func run() async throws {
    let demo = try Demo(
      example: example, rate: rate, duration: duration.duration, rollbackCount: rollbacks,
      isQuiet: json)
    let result = try await demo.run()
    Terminal.show(json ? result.document.line : result.text)
    if !result.isGood { throw CommandFailure.failed("the account does not add up") }
  }
}
