import CRdKafka
import Domain
import Logging
import Synchronization

/// Publishes records that are not hot: events, status, commands and the chunks of releases. Idempotent, every record
/// acknowledged.
///
/// May be used by several threads; calls block until the broker has acknowledged.
@safe package final class Publisher: Sendable {
  private let client: Mutex<Client>
  private let properties: ClientProperties
  private let clientID: String
  private let logger: Logger
  /// When every call must have ended; nil while the process goes on.
  private let end = Mutex<ContinuousClock.Instant?>(nil)

  /// A record and where it goes.
  package struct Outgoing: Sendable {
    package var topic: String
    package var partition: Int32
    package var record: TopicRecord

    /// A record for a partition.
    package init(topic: String, partition: Int32 = 0, record: TopicRecord) {
      self.topic = topic
      self.partition = partition
      self.record = record
    }
  }

  /// Opens a publisher.
  package init(properties: ClientProperties, clientID: String, logger: Logger) throws(KafkaError) {
    (self.properties, self.clientID, self.logger) = (properties, clientID, logger)
    client = Mutex(try Self.makeClient(properties, clientID, logger))
  }

  private static func makeClient(
    _ properties: ClientProperties, _ clientID: String, _ logger: Logger
  ) throws(KafkaError) -> Client {
    try unsafe Client(
      .producer, user: properties,
      defaults: [
        "linger.ms": "0", "socket.nagle.disable": "true", "reconnect.backoff.ms": "50", "message.timeout.ms": "30000",
        "queue.buffering.max.kbytes": "65536",
      ],
      overrides: ["client.id": clientID, "enable.idempotence": "true"], logger: logger
    ) { conf in unsafe rd_kafka_conf_set_dr_msg_cb(conf, delivered) }
  }

  /// The process is to end: all calls together take no longer than this any more, and then fail as for brokers that are
  /// away.
  package func endWithin(_ time: Duration) { end.withLock { $0 = .now + time } }

  private func isOver(_ deadline: ContinuousClock.Instant) -> Bool {
    ContinuousClock.now >= end.withLock { $0.map { min($0, deadline) } ?? deadline }
  }

  /// Publishes records in order and waits for all. A client that has failed for good is left, and the next call has another.
  /// - Returns: the offset of each.
  package func publish(_ records: [Outgoing], timeout: Duration = .seconds(30)) throws(KafkaError) -> [Int64] {
    let receipts = records.map { _ in Receipt() }
    try client.withLock { client throws(KafkaError) in
      if client.fatalError != nil { client = try Self.makeClient(properties, clientID, logger) }
      let deadline = ContinuousClock.now + timeout
      for (outgoing, receipt) in zip(records, receipts) { try enqueue(outgoing, receipt, client, deadline) }
      while receipts.contains(where: { $0.result == nil }), !isOver(deadline) {
        _ = unsafe rd_kafka_poll(client.pointer, 50)
      }
      if receipts.contains(where: { $0.result == nil }) {
        // Whoever is still under way reports to a receipt that must outlive it.
        _ = unsafe rd_kafka_purge(client.pointer, Int32(RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT))
        _ = unsafe rd_kafka_flush(client.pointer, 5000)
      }
    }
    var offsets: [Int64] = []
    for (outgoing, receipt) in zip(records, receipts) {
      switch receipt.result {
      case .offset(let offset): offsets.append(offset)
      case .failed(let code): throw Self.error(rd_kafka_resp_err_t(rawValue: code), outgoing)
      case nil: throw .retry("\(outgoing.topic): not acknowledged in time; are the brokers up?")
      }
    }
    return offsets
  }

  private func enqueue(
    _ outgoing: Outgoing, _ receipt: Receipt, _ client: Client, _ deadline: ContinuousClock.Instant
  ) throws(KafkaError) {
    guard let topic = unsafe rd_kafka_topic_new(client.pointer, outgoing.topic, nil) else {
      throw .stop("\(outgoing.topic) is not a topic name")
    }
    defer { unsafe rd_kafka_topic_destroy(topic) }
    let headers = unsafe Self.headerList(outgoing.record.headers)
    let opaque = unsafe Unmanaged.passRetained(receipt)
    var code = RD_KAFKA_RESP_ERR_NO_ERROR
    repeat {
      code = unsafe Self.withOptionalBytes(outgoing.record.key) { key in
        unsafe Self.withOptionalBytes(outgoing.record.value) { value in
          unsafe understudy_produce(
            client.pointer, topic, outgoing.partition, key.baseAddress, key.count, value.baseAddress, value.count,
            headers,
            opaque.toOpaque())
        }
      }
      if code == RD_KAFKA_RESP_ERR__QUEUE_FULL { _ = unsafe rd_kafka_poll(client.pointer, 50) }
    } while code == RD_KAFKA_RESP_ERR__QUEUE_FULL && !isOver(deadline)
    if code != RD_KAFKA_RESP_ERR_NO_ERROR {
      unsafe opaque.release()
      if let headers = unsafe headers { unsafe rd_kafka_headers_destroy(headers) }
      throw Self.error(code, outgoing)
    }
  }

  /// A list that the client takes over with the record; nil for no headers.
  static func headerList(_ headers: [RecordHeader]) -> OpaquePointer? {
    guard !headers.isEmpty, let list = unsafe rd_kafka_headers_new(headers.count) else { return nil }
    for header in headers {
      unsafe withOptionalBytes(header.value) { value in
        _ = unsafe rd_kafka_header_add(
          list, header.name, -1, value.baseAddress, value.baseAddress == nil ? -1 : value.count)
      }
    }
    return unsafe list
  }

  static func withOptionalBytes<Value>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer) -> Value) -> Value {
    guard let bytes else { return unsafe body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    // An empty array has no address of its own, and none would mean null.
    if bytes.isEmpty {
      var nothing: UInt8 = 0
      return unsafe withUnsafeBytes(of: &nothing) {
        unsafe body(UnsafeRawBufferPointer(start: $0.baseAddress, count: 0))
      }
    }
    return unsafe bytes.withUnsafeBytes(body)
  }

  static func error(_ code: rd_kafka_resp_err_t, _ outgoing: Outgoing) -> KafkaError {
    switch code {
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
      RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      .stop(
        "there is no partition \(outgoing.partition) of \(outgoing.topic): create the topic with `understudy topics apply`"
      )
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      .stop("not allowed to write to \(outgoing.topic); `understudy topics acl` prints the rights that are needed")
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      .tooLarge(
        "\(outgoing.topic) does not take a record of \(outgoing.record.value?.count ?? 0) bytes: raise its max.message.bytes"
      )
    default: .retry("\(outgoing.topic): \(describe(code))")
    }
  }
}

extension Publisher: RecordSink {
  package func publish(_ records: [TopicRecord], to topic: String) throws(PublishFailure) {
    do throws(KafkaError) {
      _ = try publish(records.map { Outgoing(topic: topic, record: $0) })
    } catch {
      let isTooLarge = if case .tooLarge = error { true } else { false }
      throw PublishFailure(message: error.description, isTooLarge: isTooLarge)
    }
  }
}

/// Where a delivery report leaves its result.
private final class Receipt: Sendable {
  enum Outcome: Sendable {
    case offset(Int64)
    case failed(Int32)
  }
  private let outcome = Mutex<Outcome?>(nil)
  var result: Outcome? { outcome.withLock { $0 } }
  func set(_ result: Outcome) { outcome.withLock { $0 = result } }
}

private let delivered:
  @convention(c) (OpaquePointer?, UnsafePointer<rd_kafka_message_t>?, UnsafeMutableRawPointer?) -> Void = {
    _, message, _ in
    guard let message = unsafe message, let opaque = unsafe message.pointee._private else { return }
    let receipt = unsafe Unmanaged<Receipt>.fromOpaque(opaque).takeRetainedValue()
    let code = unsafe message.pointee.err
    receipt.set(
      code == RD_KAFKA_RESP_ERR_NO_ERROR ? .offset(unsafe message.pointee.offset) : .failed(code.rawValue))
  }
