import CRdKafka
import Domain
import Logging
import Synchronization

/// Produces to one topic without waiting for acknowledgements, which it counts: for a load whose next record is due
/// whatever has become of the last one. Idempotent, acknowledged by all replicas.
///
/// One thread produces and polls; the counts may be read by any.
@safe package final class StreamProducer: @unchecked Sendable {
  private let client: Client
  private let topic: OpaquePointer
  private let name: String
  private let tally = Tally()

  /// Counts of delivery reports.
  private final class Tally: Sendable {
    let acknowledged = Atomic<Int>(0)
    let failure = Mutex<Int32?>(nil)
  }

  /// Opens a producer.
  /// - Parameter lingerMilliseconds: how long a record waits for others to go with it.
  package init(
    properties: ClientProperties, clientID: String, topic name: String, lingerMilliseconds: Int, logger: Logger
  ) throws(KafkaError) {
    client = try unsafe Client(
      .producer, user: properties,
      defaults: [
        "socket.nagle.disable": "true", "reconnect.backoff.ms": "50", "message.timeout.ms": "30000",
        "queue.buffering.max.messages": "1000000", "queue.buffering.max.kbytes": "262144",
        "batch.num.messages": "10000",
      ],
      overrides: [
        "client.id": clientID, "enable.idempotence": "true", "acks": "all", "linger.ms": String(lingerMilliseconds),
      ], logger: logger
    ) { conf in unsafe rd_kafka_conf_set_dr_msg_cb(conf, Self.taken) }
    guard let handle = unsafe rd_kafka_topic_new(client.pointer, name, nil) else {
      throw .stop("\(name) is not a topic name")
    }
    unsafe topic = handle
    self.name = name
  }

  deinit {
    // What is still under way would report to a tally that is gone.
    _ = unsafe rd_kafka_purge(client.pointer, Int32(RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT))
    _ = unsafe rd_kafka_flush(client.pointer, 5000)
    unsafe rd_kafka_topic_destroy(topic)
  }

  /// Records that the broker has acknowledged.
  package var acknowledged: Int { tally.acknowledged.load(ordering: .acquiring) }

  /// Puts a record into the client's queue; waits only while that is full.
  package func produce(
    partition: Int32, key: [UInt8], value: [UInt8], headers: [RecordHeader] = []
  ) throws(KafkaError) {
    if let failure = tally.failure.withLock({ $0 }) {
      throw .retry("\(name): not acknowledged: \(describe(rd_kafka_resp_err_t(rawValue: failure)))")
    }
    let list = unsafe Publisher.headerList(headers)
    var code = RD_KAFKA_RESP_ERR_NO_ERROR
    repeat {
      code = unsafe Publisher.withOptionalBytes(key) { key in
        unsafe Publisher.withOptionalBytes(value) { value in
          unsafe understudy_produce(
            client.pointer, topic, partition, key.baseAddress, key.count, value.baseAddress, value.count, list,
            Unmanaged.passUnretained(tally).toOpaque())
        }
      }
      if code == RD_KAFKA_RESP_ERR__QUEUE_FULL { poll(milliseconds: 5) }
    } while code == RD_KAFKA_RESP_ERR__QUEUE_FULL
    guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    if let list = unsafe list { unsafe rd_kafka_headers_destroy(list) }
    throw Publisher.error(code, .init(topic: name, partition: partition, record: TopicRecord(key: key, value: value)))
  }

  /// Takes delivery reports.
  package func poll(milliseconds: Int32) { _ = unsafe rd_kafka_poll(client.pointer, milliseconds) }

  private static let taken:
    @convention(c) (OpaquePointer?, UnsafePointer<rd_kafka_message_t>?, UnsafeMutableRawPointer?) -> Void = {
      _, message, _ in
      guard let message = unsafe message, let opaque = unsafe message.pointee._private else { return }
      let tally = unsafe Unmanaged<Tally>.fromOpaque(opaque).takeUnretainedValue()
      let code = unsafe message.pointee.err
      if code == RD_KAFKA_RESP_ERR_NO_ERROR {
        tally.acknowledged.add(1, ordering: .releasing)
      } else {
        tally.failure.withLock { $0 = $0 ?? code.rawValue }
      }
    }
}
