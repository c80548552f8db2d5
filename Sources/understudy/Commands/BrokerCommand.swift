import ArgumentParser
import Domain
import Foundation
import Kafka
import Logging
import ServiceLifecycle
import UnixSignals

/// `understudy broker`.
struct BrokerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "broker",
    abstract: "Run the embedded broker, for trying things out.",
    discussion: """
      Real TCP on a free port of 127.0.0.1, records in memory, 5 MiB a partition; gone when it ends. Not for production: it does not isolate
      transactions, so a worker that is restarted against it needs `delivery: at_least_once`.

      Example:
        understudy broker                             # prints its address and stays
        export KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:PORT   # in other shells
        understudy run --set kafka.bootstrap.servers=$KAFKA_BOOTSTRAP_SERVERS --set models.default=breast-cancer
      """)

  @Option(help: "The topics file; by default topics of the default names.")
  var topics: String?

  func run() async throws {
    let names = TopicNames(try TopicsFileLoader.load(path: topics))
    var logger = Logger(label: "understudy")
    logger.logLevel = .warning
    let broker = try EmbeddedBroker(topics: names.all.map { ($0, names.partitions[$0] ?? 1) }, logger: logger)
    Terminal.show("export KAFKA_BOOTSTRAP_SERVERS=\(broker.bootstrapServers)")
    Terminal.complain(
      "topics: \(names.all.joined(separator: " "))\nends with SIGINT (Ctrl-C) or SIGTERM; its records end with it")
    let group = ServiceGroup(
      services: [UntilShutdown()], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    try await group.run()
    withExtendedLifetime(broker) {}
  }
}

/// Does nothing until it is told to end.
private struct UntilShutdown: Service {
  func run() async throws { try? await gracefulShutdown() }
}
