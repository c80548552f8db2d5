import Domain
import Foundation
import Kafka
import Synchronization

@testable import understudy

/// A lane in this process, which answers each request with the request itself, and brokers that can be made to fail.
final class LaneScene {
  let broker: TestBroker
  let embedded: EmbeddedBroker
  let client: TestClient
  /// The lane that was started last.
  private(set) var lane: RunningLane?
  private let delivery: LaneConfiguration.Delivery
  private let gate = Gate()
  private let journal: EveryThird?

  /// - Parameter journal: what the lane writes to.
  /// - Parameter brokers: how many there are. With more than one, the requests are on the first and everything that
  ///   workers write on the second one.
  init(_ delivery: LaneConfiguration.Delivery = .exactlyOnce, journal: EveryThird? = nil, brokers: Int = 1) throws {
    self.journal = journal
    broker = try TestBroker(alwaysEmbedded: true, brokers: brokers)
    embedded = try TestClient.some(broker.embedded, "embedded broker")
    if brokers > 1 { Self.place(broker.topics, on: embedded) }
    client = try TestClient(broker)
    self.delivery = delivery
  }

  deinit { lane?.control.stop() }

  private static func place(_ topics: TopicNames, on embedded: EmbeddedBroker) {
    let requests = topics.requests[0].name
    for topic in [requests, topics.responses, topics.deadLetters, topics.events, topics.status] {
      for partition in 0..<(topics.partitions[topic] ?? 1) {
        embedded.setLeader(topic, Int32(partition), broker: topic == requests ? 1 : 2)
      }
    }
  }

  /// Starts a lane on a thread of its own.
  /// - Parameter group: the broker's name unless it is another one.
  /// - Parameter properties: of its clients, besides the broker's address.
  /// - Parameter servedTopics: of which its worker has served partitions before.
  /// - Parameter change: of its configuration.
  @discardableResult
  func start(
    group: String? = nil, slot: String = "worker-0", properties: [String: String] = [:], servedTopics: Set<String> = [],
    _ change: (inout LaneConfiguration) -> Void = { _ in }
  ) -> RunningLane {
    let all = (try? ClientProperties(broker.properties.values.merging(properties) { $1 })) ?? broker.properties
    var configuration = LaneConfiguration(
      properties: all, group: group ?? broker.name, slot: slot, number: 0,
      requestTopics: [requests], responsesTopic: broker.topics.responses,
      deadLettersTopic: broker.topics.deadLetters, delivery: delivery, fetchWaitMilliseconds: 10)
    change(&configuration)
    let started = RunningLane(configuration, gate: gate, journal: journal, servedTopics: servedTopics)
    lane = started
    return started
  }

  /// The topic that lanes read.
  var requests: String { broker.topics.requests[0].name }

  /// What the lane has said.
  var log: String { lane?.log ?? "" }

  /// Ends the lane.
  /// - Returns: the error that it ended with.
  func stop() throws -> KafkaError? { try TestClient.some(lane, "lane").stop() }

  /// Waits until the lane has ended.
  /// - Returns: the error that it ended with.
  func failure() throws -> KafkaError? {
    try TestClient.some(lane, "lane").failure()
  }

  /// Publishes the next requests, then makes requests fail of which the lane's are the next, and waits for the answers.
  func exchange(_ count: Int, failing apiKey: Int16, with codes: [Int32]) throws {
    try holding { scene in
      try scene.send(count)
      scene.embedded.failNextRequests(apiKey: apiKey, with: codes)
    }
    try awaitAnswers()
  }

  /// Does something while no lane answers.
  func holding(_ body: (LaneScene) throws -> Void) rethrows {
    try gate.closed.withLock { _ in try body(self) }
  }

  /// Publishes the next requests and waits for their answers.
  func exchange(_ count: Int) throws {
    try send(count)
    try awaitAnswers()
  }

  /// Publishes the next requests.
  func send(_ count: Int) throws {
    let next = client.requests.count
    try client.send(next..<next + count)
  }

  func awaitAnswers() throws {
    try client.wait("every request comes back") {
      if case .failure(let error)? = lane?.outcome { throw TestFailure("the lane has ended: \(error)") }
      return areAllAnswered
    }
  }

  /// Whether every request that was published has been seen to come back.
  var areAllAnswered: Bool { Set(echoes.map(\.number)).isSuperset(of: client.requests.map(\.number)) }

  /// The answers as the checker takes them.
  private var echoes: [ResponseChecker.Answer] { parsed.values(of: client.responses) }

  private var parsed = ParsedRecords<ResponseChecker.Answer> { record in
    let text = String(decoding: (record.value ?? []).prefix(24), as: UTF8.self)
    guard text.hasPrefix("{\"id\":\"r-"), let number = Int(text.dropFirst(9).prefix { $0 != "\"" }) else { return nil }
    return .init(
      number: number, partition: record.partition, status: "ok", version: "echo", generation: 1,
      outputs: .init(probability: 1, label: "echo"))
  }

  func findings() -> ResponseChecker.Findings {
    ResponseChecker(expectations: ["echo": [.init(probability: 1, label: "echo")]]).check(client.requests, echoes)
  }
}
