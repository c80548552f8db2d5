import CRdKafka
import Domain
import Logging

/// Reads partitions of one topic by assignment, without a group: the control topic by workers, events and status by the
/// command line.
///
/// Used by one thread at a time; calls block.
@safe package final class TopicReader {
  private let client: Client
  private let topic: String
  private let partitions: [Int32]
  /// Partitions that were read to their end and have given nothing since.
  private var ended: Set<Int32> = []
  private let logger: Logger

  /// Where to begin.
  package enum Start: Sendable {
    /// The oldest record.
    case beginning
    /// Only what comes from now on.
    case end
    /// This offset; a control topic's next record from the state.
    case offset(Int64)
    /// Behind what the group has committed in each partition; the oldest record where that is nothing, or was deleted.
    case committed
  }

  /// Which records of transactions are seen.
  package enum Isolation: String, Sendable {
    /// Those of committed ones, when they are.
    case committed = "read_committed"
    /// All of them, aborted ones too: for looking at what happened, never for what is acted on.
    case uncommitted = "read_uncommitted"
  }

  /// What a read came to.
  package enum Step: Sendable {
    /// A record.
    case record(TopicRecord)
    /// Every record that is there, in every partition, has been read; more may come, in the partition that ended last
    /// from this offset on.
    case end(Int64)
    /// Nothing within the time.
    case nothing
  }

  /// Opens a reader.
  /// - Parameter group: whose right to read is used; no offset is ever committed.
  package init(
    properties: ClientProperties, group: String, topic: String, partitions: [Int32] = [0], start: Start,
    isolation: Isolation = .committed, fetchWaitMilliseconds: Int = 100, logger: Logger
  ) throws(KafkaError) {
    self.topic = topic
    self.partitions = partitions
    self.logger = logger
    client = unsafe try Client(
      .consumer, user: properties,
      defaults: [
        "fetch.wait.max.ms": String(fetchWaitMilliseconds), "socket.nagle.disable": "true",
        "reconnect.backoff.ms": "50",
        "fetch.error.backoff.ms": "50", "queued.max.messages.kbytes": "65536",
      ],
      overrides: [
        "group.id": group, "enable.auto.commit": "false", "enable.auto.offset.store": "false",
        "auto.offset.reset": "error", "enable.partition.eof": "true", "isolation.level": isolation.rawValue,
      ], logger: logger)
    _ = unsafe rd_kafka_poll_set_consumer(client.pointer)
    let list = OpaqueOffsets()
    let offset: Int64 =
      switch start {
      case .beginning: Int64(RD_KAFKA_OFFSET_BEGINNING)
      case .end: Int64(RD_KAFKA_OFFSET_END)
      case .offset(let offset): offset
      case .committed: Int64(RD_KAFKA_OFFSET_BEGINNING)
      }
    for partition in partitions { list.append(topic: topic, partition: partition, offset: offset) }
    if case .committed = start { try fillCommitted(list) }
    let code = unsafe rd_kafka_assign(client.pointer, list.pointer)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw .stop("cannot read \(topic): \(describe(code))")
    }
  }

  private func fillCommitted(_ list: borrowing OpaqueOffsets) throws(KafkaError) {
    let code = unsafe rd_kafka_committed(client.pointer, list.pointer, 15_000)
    let failure = code != RD_KAFKA_RESP_ERR_NO_ERROR ? code : list.firstError
    guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw .retry("cannot read the committed offsets of \(topic): \(describe(failure)); try again")
    }
    for index in 0..<list.count {
      let (low, _) = try watermarks(partition: list.partition(index))
      list.setOffset(max(low, list.offset(index)), at: index)
    }
  }

  /// Closes the reader.
  package func close() {
    _ = unsafe rd_kafka_consumer_close(client.pointer)
  }

  /// The oldest offset of a partition and the one behind the newest.
  package func watermarks(partition: Int32 = 0) throws(KafkaError) -> (low: Int64, high: Int64) {
    try client.watermarks(topic: topic, partition: partition)
  }

  /// The next record, waiting at most so long.
  package func next(timeoutMilliseconds: Int32) throws(KafkaError) -> Step {
    while let message = unsafe rd_kafka_consumer_poll(client.pointer, timeoutMilliseconds) {
      defer { unsafe rd_kafka_message_destroy(message) }
      let partition = unsafe message.pointee.partition
      switch unsafe message.pointee.err {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        ended.remove(partition)
        return .record(unsafe copy(message))
      case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        ended.insert(partition)
        if ended.count == partitions.count { return .end(unsafe message.pointee.offset) }
      case let code:
        try note(code)
        return .nothing
      }
    }
    return .nothing
  }

  private func note(_ code: rd_kafka_resp_err_t) throws(KafkaError) {
    switch code {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      throw .stop("\(topic): the offset to read from is not in the topic any more")
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
      RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      throw .stop("there is no topic \(topic): create it with `understudy topics apply`")
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      throw .stop("not allowed to read \(topic); `understudy topics acl` prints the rights that are needed")
    default:
      logger.debug("reader", metadata: ["topic": "\(topic)", "error": "\(describe(code))"])
    }
  }

  /// Every record from the start to what is the end now, to `body` in order.
  /// - Throws: `KafkaError.retry` if nothing comes for `timeout`.
  package func readToEnd(timeout: Duration = .seconds(30), _ body: (TopicRecord) -> Void) throws(KafkaError) {
    var deadline = ContinuousClock.now + timeout
    while true {
      switch try next(timeoutMilliseconds: 100) {
      case .record(let record):
        body(record)
        deadline = .now + timeout
      case .end: return
      case .nothing:
        if ContinuousClock.now > deadline { throw .retry("\(topic) did not answer; are the brokers up?") }
      }
    }
  }

  private func copy(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> TopicRecord {
    var headers: [RecordHeader] = []
    var list: OpaquePointer?
    if unsafe rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list = unsafe list {
      var name: UnsafePointer<CChar>?
      var value: UnsafeRawPointer?
      var size = 0
      while unsafe rd_kafka_header_get_all(list, headers.count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR {
        let text = unsafe name.map { unsafe String(cString: $0) } ?? ""
        headers.append(RecordHeader(text, unsafe bytes(value, size)))
      }
    }
    return unsafe TopicRecord(
      partition: message.pointee.partition, offset: message.pointee.offset,
      timestamp: rd_kafka_message_timestamp(message, nil),
      key: bytes(message.pointee.key, message.pointee.key_len),
      value: bytes(message.pointee.payload, message.pointee.len), headers: headers)
  }

  private func bytes(_ pointer: UnsafeRawPointer?, _ count: Int) -> [UInt8]? {
    guard let pointer = unsafe pointer else { return nil }
    return unsafe Array(UnsafeRawBufferPointer(start: pointer, count: count))
  }
}
