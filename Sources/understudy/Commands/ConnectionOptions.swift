import ArgumentParser
import Domain
import Foundation
import Kafka
import Logging

/// How a command finds its brokers and topics.
struct ConnectionOptions: ParsableArguments {
  @Option(help: "The worker's configuration: its brokers, topics and group are used.")
  var config: String?

  @Option(help: "Brokers, host:port[,host:port…]; by default $KAFKA_BOOTSTRAP_SERVERS.")
  var bootstrap: String?

  @Option(help: "The topics file; by default the configuration's, or topics of the default names.")
  var topics: String?

  /// What a command talks to.
  struct Target {
    var properties: ClientProperties
    var topics: TopicNames
    var file: TopicsFile
    var group: String
    var logger: Logger
    /// Everything else that the worker's configuration says; defaults without one.
    var worker = WorkerConfiguration()
  }

  /// Resolves the options.
  func target() throws -> Target {
    var logger = Logger(label: "understudy")
    logger.logLevel = .error
    var values: [String: String] = [:]
    var worker = WorkerConfiguration()
    var topicsPath = topics
    if let config {
      worker = try ConfigurationLoader.load(
        path: config, settings: bootstrap.map { ["kafka.bootstrap.servers=\($0)"] } ?? [])
      values = worker.kafka
      topicsPath = topics ?? worker.topics
    }
    if let servers = bootstrap ?? ProcessInfo.processInfo.environment["KAFKA_BOOTSTRAP_SERVERS"],
      bootstrap != nil || config == nil
    {
      values["bootstrap.servers"] = servers
    }
    guard let servers = values["bootstrap.servers"], !servers.isEmpty else {
      throw CommandFailure.usage(
        "no brokers: give --bootstrap host:port, --config worker.yaml, or set KAFKA_BOOTSTRAP_SERVERS")
    }
    if servers == "embedded" {
      throw CommandFailure.usage(
        "the embedded broker is inside of the worker: give --bootstrap with the address that the worker has logged")
    }
    let file = try TopicsFileLoader.load(path: topicsPath)
    return Target(
      properties: try ClientProperties(values), topics: TopicNames(file), file: file, group: worker.group,
      logger: logger,
      worker: worker)
  }
}

/// A length of time as people write it: `60s`, `500ms`, `10m`, `2h`.
struct DurationArgument: Sendable {
  var duration: Duration

  init(seconds: Int) { duration = .seconds(seconds) }

  /// - Throws: `ValidationError` with what was expected.
  init(argument: String) throws {
    let units: [(String, Int)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
    for (unit, milliseconds) in units where argument.hasSuffix(unit) {
      if let number = Int(argument.dropLast(unit.count)), number >= 0, number <= 1_000_000_000 {
        duration = .milliseconds(number * milliseconds)
        return
      }
    }
    throw ValidationError("expected a number and its unit, such as 500ms, 60s, 10m or 2h")
  }
}
