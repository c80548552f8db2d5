import CRdKafka
import Domain
import Logging

/// What a lane does when partitions come and go, and when offsets that were sent are answered for. Called inside of a
/// poll, on the lane's thread.
protocol GroupHandler: AnyObject {
  func partitionsAssigned(_ partitions: borrowing OpaqueOffsets)
  func partitionsRevoked()
  func offsetsCommitted(_ offsets: borrowing OpaqueOffsets, _ code: rd_kafka_resp_err_t)
}

/// The consumer of a lane: one static member of the group, polled message by message.
@safe final class LaneConsumer {
  private let client: Client
  private let logger: Logger

  init(configuration: LaneConfiguration, handler: any GroupHandler, logger: Logger) throws(KafkaError) {
    self.logger = logger
    let defaults = [
      "session.timeout.ms": "6000", "heartbeat.interval.ms": "500", "max.poll.interval.ms": "120000",
      "fetch.wait.max.ms": String(configuration.fetchWaitMilliseconds), "fetch.error.backoff.ms": "5",
      "reconnect.backoff.ms": "20", "socket.nagle.disable": "true", "queued.max.messages.kbytes": "262144",
      "queued.min.messages": "200000", "fetch.message.max.bytes": "4194304",
    ]
    let overrides = [
      "client.id": configuration.groupInstanceID, "group.id": configuration.group,
      "group.instance.id": configuration.groupInstanceID, "enable.auto.commit": "false",
      "enable.auto.offset.store": "false", "isolation.level": "read_committed",
      "partition.assignment.strategy": "range", "auto.offset.reset": "error",
      "enable.partition.eof": "true",
    ]
    client = try unsafe Client(
      .consumer, user: configuration.properties, defaults: defaults, overrides: overrides, logger: logger
    ) { conf in
      unsafe rd_kafka_conf_set_rebalance_cb(conf, rebalanced)
      unsafe rd_kafka_conf_set_offset_commit_cb(conf, committed)
    }
    client.context.setGroupHandler(handler)
    _ = unsafe rd_kafka_poll_set_consumer(client.pointer)
  }

  /// Joins the group.
  func subscribe(_ topics: [String]) throws(KafkaError) {
    let list = OpaqueOffsets()
    for topic in topics { list.append(topic: topic, partition: -1) }
    let code = unsafe rd_kafka_subscribe(client.pointer, list.pointer)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw .stop("cannot subscribe: \(describe(code))") }
  }

  /// Leaves: commits through the revocation. A static member sends no LeaveGroup.
  ///
  /// librdkafka waits for requests that are under way, which live for a minute and more where their broker is away. A
  /// client that is not done in time is left behind: what it still holds is little, and nothing that it does counts.
  func close(within limit: Duration) {
    guard let queue = unsafe rd_kafka_queue_new(client.pointer) else { return }
    defer { unsafe rd_kafka_queue_destroy(queue) }
    if let error = unsafe rd_kafka_consumer_close_queue(client.pointer, queue) {
      return unsafe rd_kafka_error_destroy(error)
    }
    // Turns and not the time: a callback, in which offsets are committed, may take as long as it needs.
    var turns = Int(limit / .milliseconds(100))
    while unsafe rd_kafka_consumer_closed(client.pointer) == 0 {
      turns -= 1
      guard turns >= 0 else {
        logger.warning("a consumer could not be closed in time and is left behind", metadata: ["after": "\(limit)"])
        _ = unsafe Unmanaged.passRetained(client)
        return
      }
      // Callbacks are called inside; records that come yet are nobody's.
      if let message = unsafe rd_kafka_consume_queue(queue, 100) { unsafe rd_kafka_message_destroy(message) }
    }
  }

  /// The next message or event, which the caller destroys.
  func poll(milliseconds: Int32) -> UnsafeMutablePointer<rd_kafka_message_t>? {
    unsafe rd_kafka_consumer_poll(client.pointer, milliseconds)
  }

  /// A handle by which other threads end a poll early. Destroyed by its owner before the consumer.
  func wakeHandle() -> OpaquePointer? { unsafe rd_kafka_queue_get_consumer(client.pointer) }

  func assign(_ partitions: borrowing OpaqueOffsets) -> rd_kafka_resp_err_t {
    unsafe rd_kafka_assign(client.pointer, partitions.pointer)
  }

  func unassign() {
    _ = unsafe rd_kafka_assign(client.pointer, nil)
  }

  /// Whether the group has already given the partitions to others.
  var isAssignmentLost: Bool { unsafe rd_kafka_assignment_lost(client.pointer) != 0 }

  /// Whether the group knows this member; without a member id the broker would take an unfenced commit.
  var isMember: Bool {
    guard let id = unsafe rd_kafka_memberid(client.pointer) else { return false }
    defer { unsafe rd_kafka_mem_free(client.pointer, id) }
    return unsafe id.pointee != 0
  }

  /// Lends the group's metadata as it is now.
  func withGroupMetadata<Value>(_ body: (OpaquePointer) -> Value) -> Value? {
    guard let metadata = unsafe rd_kafka_consumer_group_metadata(client.pointer) else { return nil }
    defer { unsafe rd_kafka_consumer_group_metadata_destroy(metadata) }
    return unsafe body(metadata)
  }

  /// Why the consumer cannot go on, if so.
  var fatalError: KafkaError? {
    guard let (code, text) = client.fatalError else { return nil }
    if code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID {
      return .fenced("another process has joined the group with this slot (\(text)): give every worker its own `slot`")
    }
    return .stop(text)
  }

  // MARK: Offsets

  /// Fills in the committed offsets. An offset that is not yet decided by its transaction shows only as a time-out, so
  /// that is tried for a minute, in steps after which the lane may end.
  func fillCommitted(_ partitions: borrowing OpaqueOffsets, for control: LaneControl) throws(KafkaError) {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      let code = unsafe rd_kafka_committed(client.pointer, partitions.pointer, 3000)
      let failure = code != RD_KAFKA_RESP_ERR_NO_ERROR ? code : partitions.firstError
      guard failure != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
      if isDenial(failure) { throw .denied("cannot read committed offsets", failure) }
      let isPassing =
        [
          RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR__TRANSPORT,
          RD_KAFKA_RESP_ERR__WAIT_COORD, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
          RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT,
          RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_UNKNOWN,
        ].contains(failure)
      guard isPassing else { throw .stop("cannot read committed offsets: \(describe(failure))") }
      if control.isStopping { throw .retry("stopped before the committed offsets were read: \(describe(failure))") }
      guard ContinuousClock.now < deadline else {
        throw .retry("committed offsets could not be read in 60 s: \(describe(failure))")
      }
      // A coordinator in trouble answers at once.
      control.pauseThread(for: .milliseconds(100))
    }
  }

  /// The oldest offset of a partition and the one behind the newest.
  func watermarks(topic: String, partition: Int32) throws(KafkaError) -> (low: Int64, high: Int64) {
    try client.watermarks(topic: topic, partition: partition)
  }

  /// The end of a partition as the last fetch told it; no request.
  func cachedEnd(topic: String, partition: Int32) -> Int64? {
    var (low, high): (Int64, Int64) = (0, 0)
    let code = unsafe rd_kafka_get_watermark_offsets(client.pointer, topic, partition, &low, &high)
    return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
  }

  /// Commits outside of a transaction and waits for the answer. `rd_kafka_commit` waits as long as its request lives: a
  /// minute and more where the coordinator has just gone.
  func commit(_ offsets: borrowing OpaqueOffsets, timeoutMilliseconds: Int32) -> rd_kafka_resp_err_t {
    guard let queue = unsafe rd_kafka_queue_new(client.pointer) else { return RD_KAFKA_RESP_ERR__FAIL }
    defer { unsafe rd_kafka_queue_destroy(queue) }
    let code = unsafe rd_kafka_commit_queue(client.pointer, offsets.pointer, queue, nil, nil)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { return code }
    guard let event = unsafe rd_kafka_queue_poll(queue, timeoutMilliseconds) else {
      return RD_KAFKA_RESP_ERR__TIMED_OUT
    }
    defer { unsafe rd_kafka_event_destroy(event) }
    return unsafe rd_kafka_event_error(event)
  }

  /// Commits where a new group begins. Without that the beginning would move with every request that comes, so that it is
  /// tried for ten seconds.
  /// - Returns: false if the group rebalances, which needs a poll to go on.
  func commitFirst(_ offsets: borrowing OpaqueOffsets, for control: LaneControl) throws(KafkaError) -> Bool {
    let started = ContinuousClock.now
    while true {
      let code = commit(offsets, timeoutMilliseconds: 5000)
      if code == RD_KAFKA_RESP_ERR_NO_ERROR { return true }
      if isDenial(code) { throw .denied("cannot commit where the group begins", code) }
      let tried = started.duration(to: .now)
      let isOfGroup =
        code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS || code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION
        || code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID
      // Longer than a heartbeat, by which the client learns of it.
      if isOfGroup, tried > .seconds(1) { return false }
      guard tried < .seconds(10), !control.isStopping else {
        throw .retry("where the group begins could not be committed: \(describe(code))")
      }
      control.pauseThread(for: .milliseconds(100))
    }
  }

  /// Commits outside of a transaction and does not wait: a later poll tells the handler.
  func commitLater(_ offsets: borrowing OpaqueOffsets) -> rd_kafka_resp_err_t {
    unsafe rd_kafka_commit(client.pointer, offsets.pointer, 1)
  }

  /// Goes back. The time-out of this call is a thousand times too short in librdkafka 2.0.2, hence none.
  func seek(_ partitions: borrowing OpaqueOffsets) throws(KafkaError) {
    // A lane without partitions is where it wants to be; librdkafka takes an empty list for a mistake.
    guard partitions.count > 0 else { return }
    if let failure = unsafe TransactionFailure(unsafe rd_kafka_seek_partitions(client.pointer, partitions.pointer, -1))
    {
      throw .retry("cannot seek: \(failure.description)")
    }
    for index in 0..<partitions.count {
      let code = partitions.error(index)
      // Not ours any more: its new owner begins at the committed offset.
      if code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__STATE { continue }
      throw .retry("cannot seek \(partitions.topic(index))-\(partitions.partition(index)): \(describe(code))")
    }
  }

  func pause(_ partitions: borrowing OpaqueOffsets) {
    _ = unsafe rd_kafka_pause_partitions(client.pointer, partitions.pointer)
  }

  func resume(_ partitions: borrowing OpaqueOffsets) {
    _ = unsafe rd_kafka_resume_partitions(client.pointer, partitions.pointer)
  }
}

private let rebalanced:
  @convention(c) (
    OpaquePointer?, rd_kafka_resp_err_t, UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?,
    UnsafeMutableRawPointer?
  ) -> Void = { client, code, partitions, opaque in
    guard let handler = unsafe context(opaque)?.groupHandler, let partitions = unsafe partitions else {
      _ = unsafe rd_kafka_assign(client, nil)
      return
    }
    if code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
      handler.partitionsAssigned(unsafe OpaqueOffsets(borrowed: partitions))
    } else {
      handler.partitionsRevoked()
    }
  }

private let committed:
  @convention(c) (
    OpaquePointer?, rd_kafka_resp_err_t, UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?,
    UnsafeMutableRawPointer?
  ) -> Void = { _, code, offsets, opaque in
    guard let handler = unsafe context(opaque)?.groupHandler else { return }
    handler.offsetsCommitted(unsafe offsets.map { unsafe OpaqueOffsets(borrowed: $0) } ?? OpaqueOffsets(), code)
  }
