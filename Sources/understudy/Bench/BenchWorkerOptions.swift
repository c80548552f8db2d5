import ArgumentParser
import Domain
import Kafka

/// The worker of a bench, and its broker.
struct BenchWorkerOptions: ParsableArguments {
  @Option(help: "A worker's configuration: its brokers and settings are used, but not its topics, group and state.")
  var config: String?

  @Option(help: "Brokers, host:port[,host:port…]; the embedded one by default.")
  var bootstrap: String?

  @Option(name: .customLong("set"), help: "key=value of the worker's configuration. May be repeated.")
  var settings: [String] = []

  @Option(help: "Partitions of requests and of responses; by default as many as the embedded broker needs, else 6.")
  var partitions: Int?

  @Option(help: "Lanes of the worker.")
  var lanes: Int?

  @Option(help: "exactly_once or at_least_once.")
  var delivery: String?

  func validate() throws {
    if let partitions, !(1...EmbeddedRoom.partitionCeiling).contains(partitions) {
      throw ValidationError("--partitions \(partitions): expected 1 to \(EmbeddedRoom.partitionCeiling)")
    }
    if let lanes, !(1...Limits.lanes).contains(lanes) {
      throw ValidationError("--lanes \(lanes): expected 1 to \(Limits.lanes)")
    }
    if let delivery, LaneConfiguration.Delivery(rawValue: delivery) == nil {
      throw ValidationError("--delivery \(delivery): expected exactly_once or at_least_once")
    }
  }

  /// Whether nothing was given.
  var isEmpty: Bool {
    config == nil && bootstrap == nil && settings.isEmpty && partitions == nil && lanes == nil && delivery == nil
  }

  /// Puts the worker's configuration into a plan.
  func configure(_ plan: inout BenchPlan) throws(CommandFailure) {
    var settings = settings
    if let servers = bootstrap ?? (config == nil ? "embedded" : nil) {
      settings.insert("kafka.bootstrap.servers=\(servers)", at: 0)
    }
    plan.worker = try ConfigurationLoader.load(path: config, settings: settings)
    plan.partitions = partitions
    if let lanes { plan.worker.lanes = lanes }
    if let delivery = delivery.flatMap(LaneConfiguration.Delivery.init(rawValue:)) { plan.worker.delivery = delivery }
  }
}
