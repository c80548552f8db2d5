import Domain
import Foundation
import Kafka
import Testing
import Wire

@testable import understudy

/// Dead letters, and the program that puts them back.
struct RedriveScene {
  let scene: Scene
  private let publisher: Publisher

  /// How a redrive has ended.
  struct Outcome: CustomStringConvertible {
    var code: Int32
    var document: JSON?
    var output: String
    var complaint: String
    var description: String { "\(code): \(output)\(complaint)" }

    init(_ process: ProgramProcess, code: Int32) {
      self.code = code
      output = process.standardOutput
      complaint = process.standardError
      document = try? JSON(parsing: Array(output.utf8))
    }

    func count(_ name: String) -> Int64? {
      if case .integer(let count)? = document?[name] { count } else { nil }
    }

    func notRedriven(_ reason: String) -> Int64? {
      if case .integer(let count)? = document?["not_redriven"]?[reason] { count } else { nil }
    }
  }

  init(partitions: Int = 3) throws {
    scene = try Scene(partitions: partitions)
    publisher = try Publisher(properties: scene.broker.properties, clientID: "test", logger: TestBroker.logger)
  }

  var requestsTopic: String { scene.broker.topics.requests[0].name }

  // MARK: Letters

  /// The headers that a worker puts behind a request's own.
  func added(
    topic: String? = nil, partition: Int32 = 0, reason: String = "deadline", version: String = "1.0.0",
    failedAt: String = "2026-11-20T10:00:00Z"
  ) -> [RecordHeader] {
    [
      RecordHeader("__connect.errors.topic", topic ?? requestsTopic),
      RecordHeader("__connect.errors.partition", String(partition)), RecordHeader("__connect.errors.offset", "1"),
      RecordHeader("__connect.errors.stage", "MODEL"), RecordHeader("__connect.errors.exception.class.name", reason),
      RecordHeader("__connect.errors.exception.message", "why"), RecordHeader("x-error-reason", reason),
      RecordHeader("x-model-version", version), RecordHeader("x-failed-at", failedAt),
    ]
  }

  /// Puts records onto the dead-letter topic, over its partitions.
  func send(_ letters: [TopicRecord]) throws {
    let partitions = scene.client.partitions
    _ = try publisher.publish(
      letters.enumerated().map {
        .init(topic: scene.broker.topics.deadLetters, partition: Int32($0 % partitions), record: $1)
      })
  }

  /// Letters whose values are their numbers.
  func send(_ numbers: Range<Int>) throws {
    try send(
      numbers.map {
        TopicRecord(
          key: Array("k".utf8), value: Array("\($0)".utf8),
          headers: added(partition: Int32($0 % scene.client.partitions)))
      })
  }

  // MARK: The program

  /// Starts `understudy redrive`, at least once on a broker that forgets the offsets of transactions.
  func start(
    _ arguments: [String] = [], records: Int = 1024, environment: [String: String] = [:]
  ) throws -> ProgramProcess {
    let broker = scene.broker
    try scene.workplace.write("topics.yaml", broker.yaml)
    var lines = ["kafka:", "  bootstrap.servers: \"\(broker.properties.bootstrapServers)\""]
    if broker.embedded != nil { lines += ["  fetch.wait.max.ms: 10", "  session.timeout.ms: 4000"] }
    lines += [
      "topics: topics.yaml", "group: \(broker.name)",
      "delivery: \(broker.embedded == nil ? "exactly_once" : "at_least_once")", "batch: {records: \(records)}",
    ]
    let path = try scene.workplace.write("\(UUID().uuidString).yaml", lines.joined(separator: "\n") + "\n")
    return try ProgramProcess(
      ["redrive", "--json", "--config", path] + arguments, environment: environment, in: scene.workplace)
  }

  /// Runs it to its end.
  func run(_ arguments: String...) throws -> Outcome {
    let process = try start(arguments)
    return Outcome(process, code: try process.exit())
  }

  // MARK: Requests

  /// What is on the topic of requests.
  func requests() throws -> [TopicRecord] {
    let reader = try TopicReader(
      properties: scene.broker.properties, group: "\(scene.broker.name)-client", topic: requestsTopic,
      partitions: (0..<scene.client.partitions).map(Int32.init), start: .beginning, fetchWaitMilliseconds: 10,
      logger: TestBroker.logger)
    defer { reader.close() }
    var records: [TopicRecord] = []
    try reader.readToEnd { records.append($0) }
    return records
  }

  /// How often each number of a letter is on the topic of requests.
  func requestCounts() throws -> [Int: Int] {
    try requests().reduce(into: [:]) { counts, record in
      if let number = Int(String(decoding: record.value ?? [], as: UTF8.self)) { counts[number, default: 0] += 1 }
    }
  }
}
