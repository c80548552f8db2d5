import ArgumentParser
import Domain
import Foundation
import Logging

/// `understudy run`.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Serve: consume requests, score them, answer, and obey the control topic.",
    discussion: """
      Restores what it served before from its state directory, reads the control topic to its end, and joins the group as soon as a release of
      the default model is live. SIGTERM and SIGINT end it cleanly: the open transaction is finished first.

      Examples:
        understudy run --config worker.yaml
        understudy run --set kafka.bootstrap.servers=127.0.0.1:9092 --set models.default=breast-cancer
        UNDERSTUDY_SLOT=worker-1 understudy run --config worker.yaml --set state=/var/lib/understudy/worker-1
      """)

  @Option(help: "The configuration file.")
  var config: String?

  @Option(name: .customLong("set"), help: "key=value; overrides the file and the environment. May be repeated.")
  var settings: [String] = []

  func run() async throws {
    EarlyEnd.allow()
    let configuration = try ConfigurationLoader.load(path: config, settings: settings)
    let file = try TopicsFileLoader.load(path: configuration.topics)
    let topics = TopicNames(file)
    guard configuration.defaultModel != nil || topics.requests.allSatisfy({ $0.model != nil }) else {
      throw CommandFailure.usage(
        "models.default: missing; expected the model of requests that name none, or a `model` for each requests topic")
    }
    let logger = WorkerLog.make(level: configuration.logLevel)
    let worker = try Worker(configuration, topics: topics, logger: logger)
    try await worker.run()
    logger.notice("stopped")
  }
}
