import Artifacts
import Domain
import Foundation
import Kafka
import Wire

@testable import understudy

/// The requester, publisher and operator of one test: publishes, and reads everything that the workers write.
final class TestClient {
  let broker: TestBroker
  private let publisher: Publisher
  private var readers: [(topic: String, reader: TopicReader)] = []

  /// Requests that the broker has acknowledged, those with a number.
  private(set) var requests: [ResponseChecker.Request] = []
  /// Records by topic, in the order in which they were read.
  private(set) var records: [String: [TopicRecord]] = [:]
  /// Events, repeats dropped by their id.
  private(set) var events: [Event] = []
  private var eventIDs: Set<String> = []
  /// The newest status by key; none for a worker that has taken it back.
  private(set) var statuses: [String: WorkerStatus] = [:]

  init(_ broker: TestBroker) throws {
    self.broker = broker
    publisher = try Publisher(properties: broker.properties, clientID: "test", logger: TestBroker.logger)
    let topics = broker.topics
    let read = [topics.responses, topics.deadLetters, topics.events, topics.status]
    for topic in read { try open(topic, partitions: topics.partitions[topic] ?? 1) }
    for topic in broker.replies { try open(topic, partitions: 2) }
  }

  deinit { for (_, reader) in readers { reader.close() } }

  private func open(_ topic: String, partitions: Int) throws {
    readers.append(
      (
        topic,
        try TopicReader(
          properties: broker.properties, group: "\(broker.name)-client", topic: topic,
          partitions: (0..<partitions).map(Int32.init), start: .beginning, fetchWaitMilliseconds: 10,
          logger: TestBroker.logger)
      ))
  }

  // MARK: Requests

  var partitions: Int { broker.topics.partitions[broker.topics.requests[0].name] ?? 1 }

  /// Publishes the example's rows as requests with these numbers, number n to partition n modulo their count.
  func send(_ numbers: Range<Int>) throws {
    let outgoing = numbers.map { number in
      Publisher.Outgoing(
        topic: broker.topics.requests[0].name, partition: Int32(number % partitions),
        record: TopicRecord(key: Array("k-\(number)".utf8), value: Example.body(number)))
    }
    let offsets = try publisher.publish(outgoing)
    for (number, (sent, offset)) in zip(numbers, zip(outgoing, offsets)) {
      requests.append(.init(number: number, partition: sent.partition, offset: offset))
    }
  }

  /// Publishes any record.
  /// - Returns: its offset.
  @discardableResult
  func send(_ record: TopicRecord, to topic: String? = nil, partition: Int32 = 0) throws -> Int64 {
    try publisher.publish([
      .init(topic: topic ?? broker.topics.requests[0].name, partition: partition, record: record)
    ])[0]
  }

  // MARK: Commands

  /// Announces a release.
  /// - Returns: the command's id.
  @discardableResult
  func publish(_ version: String, activate: ActivationMode = .auto) throws -> String {
    try publish(try Example.source(version), activate: activate)
  }

  /// Announces a release.
  /// - Parameter change: falsifies the announcement.
  @discardableResult
  func publish(
    _ source: ReleaseSource, activate: ActivationMode = .auto, _ change: (inout ModelReady) -> Void = { _ in }
  ) throws -> String {
    var ready = try PublishCommand.ready(source, uri: nil, activate: activate, target: broker.target, isQuiet: true)
    change(&ready)
    return try command(.modelReady(ready))
  }

  /// Sends a command.
  /// - Returns: its id.
  @discardableResult
  func command(_ command: Command, id: String = UUID().uuidString.lowercased()) throws -> String {
    let envelope = CommandEnvelope(id: id, source: "test", command: command)
    try send(CommandCodec.encode(envelope, time: WallClock.milliseconds), to: broker.topics.control)
    return id
  }

  @discardableResult
  func rollback(to version: String?, hold: Bool = true) throws -> String {
    try command(.rollback(Rollback(model: Example.model, to: version, hold: hold, reason: "test")))
  }

  // MARK: Reading

  /// Takes what has come.
  func read() throws {
    for (topic, reader) in readers { try take(topic, reader) }
  }

  /// Takes what there is, and waits until each topic has been read to its end: every reader is connected then. To be called
  /// before anything else is read, since an end is told once.
  func readToEnds() throws {
    var left = readers
    try waitFor("every topic is read to its end; \(left.map(\.topic)) are left") {
      try left.removeAll { try take($0.topic, $0.reader) }
      return left.isEmpty ? () : nil
    }
  }

  /// Takes what has come of one topic.
  /// - Returns: whether that was all.
  @discardableResult
  private func take(_ topic: String, _ reader: TopicReader) throws -> Bool {
    for _ in 0..<5000 {
      switch try reader.next(timeoutMilliseconds: 2) {
      case .record(let record):
        records[topic, default: []].append(record)
        if topic == broker.topics.events { note(event: record) }
        if topic == broker.topics.status { note(status: record) }
      case .end: return true
      case .nothing: return false
      }
    }
    return false
  }

  private func note(event record: TopicRecord) {
    guard let event = try? EventCodec.decode(record), eventIDs.insert(event.id).inserted else { return }
    events.append(event)
  }

  private func note(status record: TopicRecord) {
    let key = String(decoding: record.key ?? [], as: UTF8.self)
    statuses[key] = (try? StatusCodec.decode(record)) ?? nil
  }

  var responses: [TopicRecord] { records[broker.topics.responses] ?? [] }
  var deadLetters: [TopicRecord] { records[broker.topics.deadLetters] ?? [] }
  /// Responses to numbered requests.
  var answers: [ResponseChecker.Answer] { parsed.values(of: responses) }
  private var parsed = ParsedRecords(ResponseChecker.Answer.init)

  /// What is wrong with the responses so far.
  func findings() -> ResponseChecker.Findings {
    ResponseChecker(expectations: Example.expectations).check(requests, answers)
  }

  func status(_ slot: String = "worker-0") -> WorkerStatus? { statuses["\(broker.name)/\(slot)"] }

  /// The distinct events that end a command.
  func endings(of command: String) -> [Event] { events.filter { $0.commandID == command && $0.type.endsCommand } }

  // MARK: Waiting

  /// Reads until it is so.
  func wait(_ what: @autoclosure () -> String, _ isSo: () throws -> Bool) throws {
    try waitFor(what() + "; " + report) {
      try read()
      return try isSo() ? () : nil
    }
  }

  /// Waits until this many workers have ended a command.
  /// - Returns: what ended it first.
  @discardableResult
  func awaitEnd(of command: String, workers: Int = 1) throws -> Event {
    try wait("command \(command) ends") { Set(endings(of: command).map(\.worker)).count >= workers }
    return try Self.some(endings(of: command).first, "an ending event")
  }

  /// Waits until every numbered request has a response.
  func awaitAnswers() throws {
    try wait("every request is answered") { Set(answers.map(\.number)).count >= requests.count }
  }

  /// Waits until so many requests have a response, by their keys, which responses keep: some may be answered twice.
  func awaitKeys(_ count: Int) throws {
    var answered: Set<[UInt8]> = []
    var scanned = 0
    try wait("\(count) requests are answered") {
      for record in responses[scanned...] { answered.insert(record.key ?? []) }
      scanned = responses.count
      return answered.count >= count
    }
  }

  /// Waits for so many more responses than there are now.
  func awaitProgress(_ count: Int = 1) throws {
    let goal = responses.count + count
    try wait("\(count) more responses") { responses.count >= goal }
  }

  static func some<Value>(_ value: Value?, _ what: String) throws -> Value {
    guard let value else { throw TestFailure("there is no \(what)") }
    return value
  }

  private var report: String {
    "\(requests.count) requests, \(answers.count) answers, events: "
      + events.suffix(12).map { "\($0.type.rawValue) \($0.version ?? "") \($0.reason?.rawValue ?? "")" }
      .joined(separator: ", ")
  }
}
