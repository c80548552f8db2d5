import Domain
import Kafka
import Logging
import Synchronization
import Wire

/// Reads requests, responses and the control topic of a run into an account.
final class AccountReader: Sendable {
  private let account: Mutex<Account>
  private let commands = Mutex<[String: Int64]>([:])
  private let isStopping = Atomic<Bool>(false)
  private let properties: ClientProperties
  private let topics: TopicNames
  private let logger: Logger

  init(_ account: Account, properties: ClientProperties, topics: TopicNames, logger: Logger) {
    self.account = Mutex(account)
    self.properties = properties
    self.topics = topics
    self.logger = logger
  }

  /// The account so far. A copy: for the end.
  var current: Account { account.withLock { $0 } }

  /// Requests read, answered exactly once, and not answered yet.
  var progress: (sent: Int, answeredOnce: Int, unanswered: Int) {
    account.withLock { ($0.sent, $0.answeredOnce, $0.unanswered) }
  }

  /// When a command was published, milliseconds since 1970.
  func time(of command: String) -> Int64? { commands.withLock { $0[command] } }

  func stop() { isStopping.store(true, ordering: .releasing) }

  /// Reads until `stop`. Blocks.
  func run() throws {
    let requests = try reader(topics.requests[0].name)
    let responses = try reader(topics.responses)
    let control = try reader(topics.control)
    defer { for reader in [requests, responses, control] { reader.close() } }
    while !isStopping.load(ordering: .acquiring) {
      try drain(requests, waiting: 5) { record in account.withLock { $0.addRequest(record) } }
      try drain(responses, waiting: 5) { record in account.withLock { $0.addResponse(record) } }
      try drain(control, waiting: 1) { record in
        guard let envelope = try? CommandCodec.decode(record) else { return }
        commands.withLock { $0[envelope.id] = record.timestamp }
      }
      account.withLock { $0.settleEarly() }
    }
  }

  /// Takes what is there, at most a thousand records.
  private func drain(_ reader: TopicReader, waiting milliseconds: Int32, _ body: (TopicRecord) -> Void) throws {
    for _ in 0..<1000 {
      guard case .record(let record) = try reader.next(timeoutMilliseconds: milliseconds) else { return }
      body(record)
    }
  }

  private func reader(_ topic: String) throws(KafkaError) -> TopicReader {
    try TopicReader(
      properties: properties, group: "understudy-demo", topic: topic,
      partitions: (0..<(topics.partitions[topic] ?? 1)).map(Int32.init), start: .beginning, fetchWaitMilliseconds: 10,
      logger: logger)
  }
}
