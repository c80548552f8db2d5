import ArgumentParser
import Domain

/// `understudy traffic`.
struct TrafficCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "traffic",
    abstract: "Promote a stored release.",
    discussion: """
      Examples:
        understudy traffic breast-cancer 2.0.0=100 --wait 60s
        understudy traffic breast-cancer 2.0.0=100 --if-current 1.0.0 --expires 30s
      """)

  @Argument(help: "The model.")
  var model: String

  @Argument(help: "VERSION=100; one route of 100 is what is supported.")
  var route: String

  @OptionGroup var sending: SendingOptions

  func run() async throws {
    let parts = route.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2, let weight = Int(parts[1]) else {
      throw CommandFailure.usage("\(route): expected VERSION=100, e.g. 2.0.0=100")
    }
    guard weight == 100 else {
      throw CommandFailure.usage(
        "\(route): only one route of 100 is supported so far; expected \(parts[0])=100; no command was sent")
    }
    let traffic = Traffic(model: model, routes: [.init(version: String(parts[0]), weight: weight)])
    try await sending.send(.traffic(traffic), to: sending.connection.target())
  }
}
