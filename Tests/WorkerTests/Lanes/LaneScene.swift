import Domain
import Foundation
import Kafka
import Logging
import Synchronization

@testable import understudy

/// One lane in this process, which answers each request with the request itself, and a broker that can be made to fail.
final class LaneScene {
  let broker: TestBroker
  let embedded: EmbeddedBroker
  let client: TestClient
  private let delivery: LaneConfiguration.Delivery
  private let control = LaneControl()
  private let end = LaneEnd()
  private let gate = Gate()
  private let lines = LogLines()

  private let journal: EveryThird?

  /// - Parameter journal: what the lane writes to.
  init(_ delivery: LaneConfiguration.Delivery = .exactlyOnce, journal: EveryThird? = nil) throws {
    self.journal = journal
    broker = try TestBroker(alwaysEmbedded: true)
    embedded = try TestClient.some(broker.embedded, "embedded broker")
    client = try TestClient(broker)
    self.delivery = delivery
  }

  deinit { control.stop() }

  /// Starts the lane on a thread of its own.
  func start() {
    let configuration = LaneConfiguration(
      properties: broker.properties, group: broker.name, slot: "worker-0", number: 0,
      requestTopics: [broker.topics.requests[0].name], responsesTopic: broker.topics.responses,
      deadLettersTopic: broker.topics.deadLetters, delivery: delivery, fetchWaitMilliseconds: 10)
    let topics = DestinationTopics(responsePartitions: 3, deadLetterPartitions: 3)
    let (control, end, gate, journal) = (control, end, gate, journal)
    let logger = Logger(label: "lane") { [lines] _ in RecordingLog(lines: lines) }
    let thread = Thread {
      let outcome = Result { () throws(KafkaError) in
        let lane = Lane(
          configuration: configuration, control: control, topics: topics, observer: Nobody(), offsetMemory: NoMemory(),
          journal: journal, logger: logger
        ) { _ in EchoProcessor(gate) }
        try lane.run()
      }
      end.outcome.withLock { $0 = outcome }
    }
    thread.start()
  }

  /// What the lane has said.
  var log: String { lines.text.withLock { $0 } }

  /// How the lane has ended; nil while it runs.
  var outcome: Result<Void, KafkaError>? { end.outcome.withLock { $0 } }

  /// Ends the lane.
  /// - Returns: the error that it ended with.
  func stop() throws -> KafkaError? {
    control.stop()
    return try failure(within: .seconds(15))
  }

  /// Waits until the lane has ended.
  /// - Returns: the error that it ended with.
  func failure(within limit: Duration) throws -> KafkaError? {
    let outcome: Result<Void, KafkaError> = try waitFor("the lane ends", within: limit) { self.outcome }
    if case .failure(let error) = outcome { return error }
    return nil
  }

  /// Publishes the next requests, then makes requests fail of which the lane's are the next, and waits for the answers.
  func exchange(_ count: Int, failing apiKey: Int16, with codes: [Int32]) throws {
    let next = client.requests.count
    try gate.closed.withLock { _ in
      try client.send(next..<next + count)
      embedded.failNextRequests(apiKey: apiKey, with: codes)
    }
    try awaitAnswers()
  }

  /// Publishes the next requests and waits for their answers.
  func exchange(_ count: Int, within limit: Duration = .seconds(40)) throws {
    let next = client.requests.count
    try client.send(next..<next + count)
    try awaitAnswers(within: limit)
  }

  func awaitAnswers(within limit: Duration = .seconds(40)) throws {
    let wanted = Set(client.requests.map(\.number))
    try client.wait("every request comes back", within: limit) {
      if case .failure(let error)? = outcome { throw TestFailure("the lane has ended: \(error)") }
      return Set(echoes.map(\.number)).isSuperset(of: wanted)
    }
  }

  /// The answers as the checker takes them.
  private var echoes: [ResponseChecker.Answer] {
    client.responses.compactMap { record in
      let text = String(decoding: (record.value ?? []).prefix(24), as: UTF8.self)
      guard text.hasPrefix("{\"id\":\"r-"), let number = Int(text.dropFirst(9).prefix { $0 != "\"" }) else {
        return nil
      }
      return .init(
        number: number, partition: record.partition, status: "ok", version: "echo", generation: 1,
        outputs: .init(probability: 1, label: "echo"))
    }
  }

  func findings() -> ResponseChecker.Findings {
    ResponseChecker(expectations: ["echo": [.init(probability: 1, label: "echo")]]).check(client.requests, echoes)
  }
}

/// How a lane has ended.
private final class LaneEnd: Sendable {
  let outcome = Mutex<Result<Void, KafkaError>?>(nil)
}

/// Keeps a lane from answering while it is closed.
private final class Gate: Sendable {
  let closed = Mutex<Void>(())
}

/// Answers each request with its own value.
private final class EchoProcessor: RecordProcessor {
  var mayServe: Bool { true }
  let isSwitchWaiting = false
  let recordLimit = Int.max
  private let gate: Gate

  init(_ gate: Gate) { self.gate = gate }

  func beginTransaction(_ number: UInt64) -> UInt64 { 1 }

  func process(_ batch: borrowing RecordBatch, into responses: inout ResponseBatch) {
    gate.closed.withLock { _ in }
    for (position, record) in batch.records.enumerated() {
      responses.appendRecord(
        request: position, destination: .responses, partition: record.partition,
        value: record.value.map { .request($0) })
    }
  }
}

private final class Nobody: LaneObserver {
  func lane(_ number: Int, tookSnapshot serial: UInt64, positions: [String: Int64]) {}
  func lane(_ number: Int, lag: [String: Int64]) {}
}

/// The embedded broker forgets the offsets of transactions, so that a lane which has to ask it begins anew: repeats, no
/// losses.
private final class NoMemory: OffsetMemory {
  func hasServed(topic: String, partition: Int32) -> Bool { false }
  func markServed(topic: String, partition: Int32) {}
}

private final class LogLines: Sendable {
  let text = Mutex("")
}

/// Keeps lines instead of printing them.
private struct RecordingLog: LogHandler {
  let lines: LogLines
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    lines.text.withLock { $0 += "\(event.level) \(event.message) \(event.metadata ?? [:])\n" }
  }
}
