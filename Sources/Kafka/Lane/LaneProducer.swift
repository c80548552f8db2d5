import CRdKafka
import Domain
import Logging
import Synchronization

/// One producer of a lane: transactional, or only idempotent for at-least-once.
@safe final class LaneProducer {
  let client: Client
  /// A failure has made it useless.
  private(set) var isDead = false
  private var topics: [String: OpaquePointer] = unsafe [:]
  /// The topic that was written to last, mostly the next one too.
  private var latest: (name: String, handle: OpaquePointer)?

  /// Milliseconds after which the broker aborts an open transaction: below the session timeout plus a poll, so that a
  /// partition's new owner does not wait long for a dead one.
  static let transactionTimeoutMilliseconds = 10_000

  init(configuration: LaneConfiguration, transactionalID: String?, topics: DestinationTopics, logger: Logger)
    throws(KafkaError)
  {
    var overrides = [
      "client.id": transactionalID ?? configuration.groupInstanceID,
      "enable.idempotence": "true",
      "message.max.bytes": String(topics.recordBytes),
    ]
    if let transactionalID {
      overrides["transactional.id"] = transactionalID
      overrides["transaction.timeout.ms"] = String(Self.transactionTimeoutMilliseconds)
    }
    // Transactions hardly linger: a commit waits for it. Measured on a real broker, medians: at 1000 requests/s 23 ms with
    // 5 ms, 15 without, and the same with 1 as without; flat out 260 000 records/s with 5, 257 000 with 1, 237 000
    // without. Without transactions a turn's answers should leave together: what follows one that is not taken would be
    // there before it.
    let linger = transactionalID == nil ? "5" : "1"
    let defaults = [
      "message.timeout.ms": "9000", "linger.ms": linger, "retry.backoff.ms": "20", "reconnect.backoff.ms": "20",
      "socket.nagle.disable": "true", "queue.buffering.max.messages": "1000000",
      "queue.buffering.max.kbytes": "262144", "batch.num.messages": "10000", "batch.size": String(topics.batchBytes),
      "topic.metadata.refresh.interval.ms": "60000",
    ]
    client = try unsafe Client(
      .producer, user: configuration.properties, defaults: defaults, overrides: overrides, logger: logger
    ) { conf in
      // Always with a delivery callback: without one a flush waits in steps of 10 ms.
      unsafe rd_kafka_conf_set_dr_msg_cb(conf, transactionalID == nil ? deliveryReport : transactionalDeliveryReport)
      unsafe rd_kafka_conf_interceptor_add_on_new(conf, "understudy", addResponseInterceptor, nil)
    }
  }

  deinit {
    // What it still has is nobody's any more. librdkafka 2.0.2 frees what it knows of a transaction's failure before it ends
    // the connections, on which a second failure that the broker tells of would free it again.
    _ = unsafe rd_kafka_purge(client.pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
    unsafe topics.values.forEach { unsafe rd_kafka_topic_destroy($0) }
  }

  /// Whether another producer must take its place before the next transaction.
  var needsReplacement: Bool { isDead || client.context.isDirty.load(ordering: .relaxed) }

  /// It must not be used again.
  func markDead() { isDead = true }

  // MARK: Transactions

  func initialise(timeoutMilliseconds: Int32) -> TransactionFailure? {
    unsafe TransactionFailure(unsafe rd_kafka_init_transactions(client.pointer, timeoutMilliseconds))
  }

  func begin() -> TransactionFailure? {
    unsafe TransactionFailure(unsafe rd_kafka_begin_transaction(client.pointer))
  }

  func sendOffsets(
    _ offsets: borrowing OpaqueOffsets, group: OpaquePointer, timeoutMilliseconds: Int32
  ) -> TransactionFailure? {
    unsafe TransactionFailure(
      unsafe rd_kafka_send_offsets_to_transaction(client.pointer, offsets.pointer, group, timeoutMilliseconds))
  }

  func commit(timeoutMilliseconds: Int32) -> TransactionFailure? {
    unsafe TransactionFailure(unsafe rd_kafka_commit_transaction(client.pointer, timeoutMilliseconds))
  }

  func abort(timeoutMilliseconds: Int32) -> TransactionFailure? {
    unsafe TransactionFailure(unsafe rd_kafka_abort_transaction(client.pointer, timeoutMilliseconds))
  }

  /// Waits until every record is acknowledged, for at-least-once.
  func flush(timeoutMilliseconds: Int32) -> rd_kafka_resp_err_t {
    unsafe rd_kafka_flush(client.pointer, timeoutMilliseconds)
  }

  /// Serves delivery callbacks.
  func poll(milliseconds: Int32) {
    _ = unsafe rd_kafka_poll(client.pointer, milliseconds)
  }

  // MARK: Producing

  /// Puts one record into the client's queue; waits a little while the queue is full.
  func produce(
    topic name: String, partition: Int32, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
    headers: OpaquePointer?
  ) -> rd_kafka_resp_err_t {
    guard let topic = unsafe topicHandle(name) else {
      if let headers = unsafe headers { unsafe rd_kafka_headers_destroy(headers) }
      return RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC
    }
    var waits = 0
    while true {
      let code = unsafe understudy_produce(
        client.pointer, topic, partition, key?.baseAddress, key?.count ?? 0, value?.baseAddress, value?.count ?? 0,
        headers, nil)
      if code == RD_KAFKA_RESP_ERR__QUEUE_FULL, waits < 1800 {
        waits += 1
        poll(milliseconds: 5)
        continue
      }
      if code != RD_KAFKA_RESP_ERR_NO_ERROR, let headers = unsafe headers { unsafe rd_kafka_headers_destroy(headers) }
      return code
    }
  }

  private func topicHandle(_ name: String) -> OpaquePointer? {
    if let latest = unsafe latest, unsafe latest.name == name { return unsafe latest.handle }
    guard let topic = unsafe topics[name] ?? rd_kafka_topic_new(client.pointer, name, nil) else { return nil }
    unsafe topics[name] = topic
    unsafe latest = (name, topic)
    return unsafe topic
  }
}

private let deliveryReport:
  @convention(c) (OpaquePointer?, UnsafePointer<rd_kafka_message_t>?, UnsafeMutableRawPointer?) -> Void = {
    _, message, opaque in
    guard let message = unsafe message, unsafe message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    let topic = unsafe message.pointee.rkt.map { unsafe String(cString: rd_kafka_topic_name($0)) } ?? "?"
    unsafe context(opaque)?.record(
      .init(code: message.pointee.err.rawValue, topic: topic, byteCount: message.pointee.len))
  }

/// As above, but for what an abort has purged: the abort itself is known. Without transactions a record is purged when the
/// client fails for good, which nobody else tells.
private let transactionalDeliveryReport:
  @convention(c) (OpaquePointer?, UnsafePointer<rd_kafka_message_t>?, UnsafeMutableRawPointer?) -> Void = {
    client, message, opaque in
    guard unsafe message?.pointee.err != RD_KAFKA_RESP_ERR__PURGE_QUEUE else { return }
    unsafe deliveryReport(client, message, opaque)
  }

/// Requests whose fate decides that of a transaction: Produce, AddPartitionsToTxn, AddOffsetsToTxn, EndTxn,
/// TxnOffsetCommit. When one of them times out or loses its connection it may still be on its way to the broker and
/// apply to the next transaction of the same producer (KIP-890), so that producer is not used again.
private let decisiveRequests: Set<Int16> = [0, 24, 25, 26, 28]

private let addResponseInterceptor:
  @convention(c) (
    OpaquePointer?, OpaquePointer?, UnsafeMutableRawPointer?, UnsafeMutablePointer<CChar>?, Int
  ) -> rd_kafka_resp_err_t = { client, _, _, _, _ in
    guard let client = unsafe client else { return RD_KAFKA_RESP_ERR__INVALID_ARG }
    return unsafe rd_kafka_interceptor_add_on_response_received(
      client, "understudy", responseReceived, rd_kafka_opaque(client))
  }

private let responseReceived:
  @convention(c) (
    OpaquePointer?, Int32, UnsafePointer<CChar>?, Int32, Int16, Int16, Int32, Int, Int64, rd_kafka_resp_err_t,
    UnsafeMutableRawPointer?
  ) -> rd_kafka_resp_err_t = { _, _, _, _, apiKey, _, _, _, _, code, opaque in
    let isUndecided =
      code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT
      || code == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE
    if isUndecided, decisiveRequests.contains(apiKey) {
      unsafe context(opaque)?.isDirty.store(true, ordering: .relaxed)
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR
  }
