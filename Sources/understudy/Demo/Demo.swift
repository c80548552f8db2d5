import Artifacts
import Deployment
import Domain
import Engines
import Foundation
import Kafka
import Logging
import Serving
import Synchronization
import Wire

/// The demonstration: a broker, a worker, a load, two releases, and a reader who keeps the account.
final class Demo: Sendable {
  private let example: String
  private let rate: Int
  private let duration: Duration
  private let rollbackCount: Int
  private let isQuiet: Bool
  private let state: String
  private let topics: TopicNames
  private let isCancelled = Atomic(false)

  static let model = "breast-cancer"

  /// - Parameter rollbackCount: further rollbacks, back and forth, to measure how long one takes.
  init(example: String, rate: Int, duration: Duration, rollbackCount: Int, isQuiet: Bool) throws {
    self.example = example
    self.rate = rate
    self.duration = duration
    self.rollbackCount = rollbackCount
    self.isQuiet = isQuiet
    state = FileManager.default.temporaryDirectory.appendingPathComponent("understudy-demo-\(UUID().uuidString)").path
    topics = TopicNames(try TopicsFileLoader.load(path: nil))
  }

  /// Runs it to its end.
  func run() async throws -> DemoResult {
    defer { try? FileManager.default.removeItem(atPath: state) }
    let rows = try contexts()
    let expectations = try await onThread("expect") { [self] in try expectedAnswers(rows) }
    var configuration = WorkerConfiguration()
    configuration.kafka = ["bootstrap.servers": "embedded"]
    configuration.state = state
    configuration.defaultModel = Self.model
    let worker = try Worker(configuration, topics: topics, logger: WorkerLog.make(level: "warning"))
    say("broker at \(worker.bootstrapServers), worker \(configuration.slot) started")
    let properties = try ClientProperties(["bootstrap.servers": worker.bootstrapServers])
    let logger = WorkerLog.make(level: "error")
    let load = try load(rows, properties, logger)
    let reader = AccountReader(
      Account(expectations: expectations), properties: properties, topics: topics, logger: logger)
    let company = AccompaniedWorker(
      worker: worker,
      parts: [
        .init(name: "load", run: { try load.run() }, stop: { load.stop() }),
        .init(name: "account", run: { try reader.run() }, stop: { reader.stop() }),
      ])
    return try await company.play { [self] in
      try await withTaskCancellationHandler {
        try await acts(load, reader, properties, logger)
      } onCancel: {
        isCancelled.store(true, ordering: .releasing)
      }
    }
  }

  /// Requests with identifiers of their own, each with the row of its number.
  private func load(_ rows: [[UInt8]], _ properties: ClientProperties, _ logger: Logger) throws -> SteadySender {
    let topic = topics.requests[0].name
    let partitions = topics.partitions[topic] ?? 1
    let producer = try StreamProducer(
      properties: properties, clientID: "understudy-demo", topic: topic, lingerMilliseconds: 0, logger: logger)
    return SteadySender(by: producer) { number in
      LoadRequest(
        partition: Int32(number % partitions), key: Array("k-\(number % 1000)".utf8),
        value: Array("{\"id\":\"r-\(number)\",".utf8) + rows[number % rows.count].dropFirst())
    }
  }

  private func acts(
    _ load: SteadySender, _ reader: AccountReader, _ properties: ClientProperties, _ logger: Logger
  ) async throws -> DemoResult {
    let target = ConnectionOptions.Target(
      properties: properties, topics: topics, file: try TopicsFileLoader.load(path: nil), group: "understudy",
      logger: logger)
    let commander = try WorkerCommands(target, source: "understudy-demo")
    let act = duration / 3
    var commands: [DemoResult.Command] = []
    guard load.begin(perSecond: rate) != nil else { throw CommandFailure.failed("the load has ended") }
    say("publishing 1.0.0; requests at \(rate) a second wait for it")
    commands.append(.init("publish 1.0.0", id: try await publish("1.0.0", by: commander)))
    try await firstAnswer(reader)
    try await pass(act, load, reader)
    say("publishing 2.0.0 while requests go on")
    commands.append(.init("publish 2.0.0", id: try await publish("2.0.0", by: commander)))
    try await pass(act, load, reader)
    say("rolling back to 1.0.0 while requests go on")
    commands.append(.init("rollback to 1.0.0", id: try await rollBack("1.0.0", by: commander)))
    try await pass(act, load, reader)
    if rollbackCount > 0 { say("rolling back and forth \(rollbackCount) times while requests go on") }
    for number in 0..<rollbackCount {
      let version = number % 2 == 0 ? "2.0.0" : "1.0.0"
      commands.append(.init("repeated", id: try await rollBack(version, by: commander), isRepeated: true))
    }
    load.stop()
    say("no more requests; waiting for the last answers")
    try await lastAnswers(load, reader)
    return DemoResult(
      account: reader.current, commands: commands.map { $0.timed(by: reader) }, expected: load.acknowledged)
  }

  // MARK: Commands

  private func publish(_ version: String, by commander: WorkerCommands) async throws -> String {
    try await onThread("publish") { [self] () throws -> String in
      let source = try ReleaseSource(path(version), manifests: WireManifestCoding())
      guard let archive = source.archive else { throw CommandFailure.usage("\(path(version)): expected a tar") }
      return try send(try commander.announcement(source.release.identity, archive), by: commander)
    }
  }

  private func rollBack(_ version: String, by commander: WorkerCommands) async throws -> String {
    try await onThread("roll-back") { [self] () throws -> String in
      try send(commander.rollback(of: Self.model, to: version, reason: "demonstration"), by: commander)
    }
  }

  /// - Returns: the command's id.
  private func send(_ envelope: CommandEnvelope, by commander: WorkerCommands) throws -> String {
    let follower = try commander.follower()
    defer { follower.close() }
    try commander.send(
      envelope, following: follower, .init(isInterrupted: { [self] in isCancelled.load(ordering: .acquiring) }))
    return envelope.id
  }

  // MARK: Passing time

  private func pass(_ time: Duration, _ load: SteadySender, _ reader: AccountReader) async throws {
    let end = ContinuousClock.now + time
    while ContinuousClock.now < end {
      try await Task.sleep(for: min(.milliseconds(250), end - .now))
      let account = reader.progress
      if !isQuiet { Terminal.progress("\(load.acknowledged) sent, \(account.answeredOnce) answered") }
    }
    if !isQuiet { Terminal.endProgress() }
  }

  /// Joining a group takes the embedded broker three seconds.
  private func firstAnswer(_ reader: AccountReader) async throws {
    let patience = ContinuousClock.now + .seconds(60)
    while reader.progress.answeredOnce == 0 {
      guard ContinuousClock.now < patience else {
        throw CommandFailure.failed("no request was answered within a minute")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Waits until the topics hold an answer for each request, at most half a minute after the last that came.
  private func lastAnswers(_ load: SteadySender, _ reader: AccountReader) async throws {
    var best = -1
    var patience = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < patience {
      let account = reader.progress
      if load.hasEnded, account.sent >= load.acknowledged, account.unanswered == 0 { return }
      if account.answeredOnce > best {
        best = account.answeredOnce
        patience = .now + .seconds(30)
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private func say(_ text: String) {
    if !isQuiet { Terminal.show(text) }
  }

  // MARK: The example

  private func path(_ version: String) -> String { "\(example)/releases/\(Self.model)-\(version).tar" }

  private func contexts() throws -> [[UInt8]] {
    let path = "\(example)/requests.jsonl"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw CommandFailure.usage(
        "\(path) cannot be read: run the demo from the project's root, or give --example FOLDER")
    }
    return text.split(separator: "\n").map { Array($0.utf8) }
  }

  private func expectedAnswers(_ rows: [[UInt8]]) throws -> Account.Expectations {
    let loader = OnnxStageLoader(options: OnnxOptions())
    var expectations: Account.Expectations = [:]
    for version in ["1.0.0", "2.0.0"] {
      let source = try ReleaseSource(path(version), manifests: WireManifestCoding())
      expectations[version] = try ExpectedAnswers.compute(
        try LoadedRelease(source.release, loader: loader), contexts: rows)
    }
    return expectations
  }
}
