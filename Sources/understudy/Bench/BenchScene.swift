import AdminAPI
import Artifacts
import Domain
import Foundation
import Kafka
import Logging

/// Where a bench against a broker takes place: topics and state of its own, and a worker. All of it goes away again.
final class BenchScene: Sendable {
  let commands: WorkerCommands
  let partitions: Int
  private let topics: BenchTopics
  private let properties: ClientProperties
  private let isEmbedded: Bool
  private let state: String
  private let logger: Logger
  /// With the broker inside of it, which the clients must not outlive.
  let worker: Worker

  /// Where things may be written that go away with the scene.
  var directory: String { state + "-work" }

  /// The worker's group, and in front of all topics.
  var group: String { topics.prefix }

  /// The broker as results name it.
  var broker: String { isEmbedded ? "embedded" : properties.bootstrapServers }

  /// Makes the topics and the worker, which does not run yet.
  init(_ plan: BenchPlan, defaultModel: String, partitions: Int) throws {
    self.partitions = partitions
    topics = BenchTopics(partitions: partitions)
    logger = WorkerLog.make(level: "error")
    isEmbedded = plan.worker.usesEmbeddedBroker
    state = FileManager.default.temporaryDirectory.appendingPathComponent(topics.prefix).path
    var configuration = plan.worker
    configuration.group = topics.prefix
    configuration.slot = "bench"
    configuration.state = state
    configuration.topics = nil
    configuration.defaultModel = defaultModel
    configuration.servedModels = nil
    configuration.start = .earliest
    if configuration.http == .standard { configuration.http = .off }
    if !isEmbedded { try topics.create(try ClientProperties(configuration.kafka), logger) }
    do {
      try FileManager.default.createDirectory(atPath: state + "-work", withIntermediateDirectories: true)
      worker = try Worker(configuration, topics: topics.names, logger: WorkerLog.make(level: "warning"))
      var values = configuration.kafka
      values["bootstrap.servers"] = worker.bootstrapServers
      properties = try ClientProperties(values)
      commands = try WorkerCommands(
        .init(
          properties: properties, topics: topics.names, file: topics.file, group: configuration.group, logger: logger,
          worker: configuration),
        source: "understudy-bench", fetchWaitMilliseconds: configuration.fetchWaitMilliseconds)
    } catch {
      Self.remove(state)
      if !isEmbedded { topics.remove(try ClientProperties(configuration.kafka), logger) }
      throw error
    }
  }

  /// Removes all that it has made. The worker must have ended.
  func close() {
    Self.remove(state)
    if !isEmbedded { topics.remove(properties, logger) }
  }

  private static func remove(_ state: String) {
    for path in [state, state + "-work"] { try? FileManager.default.removeItem(atPath: path) }
  }

  // MARK: Clients

  func producer(lingerMilliseconds: Int) throws -> StreamProducer {
    try StreamProducer(
      properties: properties, clientID: "understudy-bench", topic: topics.names.requests[0].name,
      lingerMilliseconds: lingerMilliseconds, logger: logger)
  }

  /// A reader of the responses from their beginning. The embedded broker sleeps as long as it may wait for records.
  func responses() throws -> TopicReader {
    try TopicReader(
      properties: properties, group: "\(topics.prefix)-reader", topic: topics.names.responses,
      partitions: (0..<Int32(partitions)).map(\.self), start: .beginning,
      fetchWaitMilliseconds: isEmbedded ? 1 : 500, logger: logger)
  }

  /// Records that the requests topic has been given.
  func requestCount() throws -> Int {
    let reader = try TopicReader(
      properties: properties, group: "\(topics.prefix)-reader", topic: topics.names.requests[0].name,
      partitions: (0..<Int32(partitions)).map(\.self), start: .end, logger: logger)
    defer { reader.close() }
    var count: Int64 = 0
    for partition in 0..<Int32(partitions) { count += try reader.watermarks(partition: partition).high }
    return Int(count)
  }

  /// The announcement of a release whose archive the worker finds: in the releases topic, if that keeps it.
  func announcement(_ identity: ReleaseIdentity, _ archive: ReleaseSource.Archive) throws -> CommandEnvelope {
    let isKept = !isEmbedded || archive.size < Int64(EmbeddedRoom.partitionBytes / 2)
    return try commands.announcement(identity, archive, uri: isKept ? nil : "file://\(archive.path)")
  }

  func snapshot(_ clock: RunClock) -> BenchSnapshot { BenchSnapshot(worker.metrics.families, at: clock.now) }

  /// Records whose answers were committed.
  func committed(_ clock: RunClock) -> Int { snapshot(clock).committed }

  var lanes: Int { worker.lanes.controls.count }
}
