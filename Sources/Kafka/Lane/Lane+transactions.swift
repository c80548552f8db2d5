import CRdKafka
import Domain
import Logging

/// Commit, abort, rewind and recovery.
extension Lane {
  /// Commits what is open: the answers, and the offsets of everything answered.
  /// - Parameter waiting: for at-least-once, that the broker must have the offsets when this returns, and not soon after.
  func commit(_ consumer: LaneConsumer, waiting: Bool = false) throws(KafkaError) {
    do throws(TransactionFailure) {
      switch configuration.delivery {
      case .exactlyOnce: try commitTransaction(consumer)
      case .atLeastOnce:
        try flush()
        if waiting { try commitOffsets(consumer) }
      }
    } catch {
      return try handle(error, consumer)
    }
    if configuration.delivery == .atLeastOnce { try sendOffsets(consumer) }
  }

  /// The answers of what is open can be seen.
  private func close(since started: ContinuousClock.Instant) {
    observer.lane(configuration.number, committed: transaction.figures.finished(since: started, topics: batch.topics))
    transaction.close()
    rotation.advance()
  }

  private func commitTransaction(_ consumer: LaneConsumer) throws(TransactionFailure) {
    guard transaction.isOpen, let producer = rotation.current else { return }
    FailPoint.produced.reach()
    let started = ContinuousClock.now
    let uncommitted = positions.uncommitted
    let offsets = opaque(uncommitted)
    // The metadata first, then the check: a commit without a member id would not be fenced by the broker.
    let outcome: TransactionFailure?? = unsafe consumer.withGroupMetadata { metadata in
      guard !consumer.isAssignmentLost, consumer.isMember else {
        return TransactionFailure(
          code: RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, disposition: .abort,
          description: "the group has taken the partitions away")
      }
      return unsafe sendOffsets(offsets, producer, metadata)
    }
    guard let failure = outcome else {
      // Without offsets the answers must not be committed.
      throw TransactionFailure(
        code: RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, disposition: .abort, description: "the consumer has left its group")
    }
    if let failure { throw failure }
    FailPoint.offsetsSent.reach()
    let begun = ContinuousClock.now
    control.pulse.beat()
    while let failure = producer.commit(timeoutMilliseconds: callMilliseconds) {
      control.pulse.beat()
      // The same call resumes a commit; after too long its outcome is unknown, and the broker's to tell.
      if failure.disposition == .retry, mayRepeat(since: begun) { continue }
      if failure.disposition == .retry {
        throw TransactionFailure(
          code: failure.code, disposition: .fatal, description: "commit unknown: \(failure.description)")
      }
      throw failure
    }
    FailPoint.committed.reach()
    close(since: started)
    failures.succeeded()
    noteCommitted(uncommitted)
  }

  /// Milliseconds for which one call to the broker waits: not long any more once the lane is to end. What it leaves open
  /// then the lane's successor ends, as after a kill.
  var callMilliseconds: Int32 {
    control.isStopping ? Int32(Limits.lastCallMilliseconds) : Int32(LaneProducer.transactionTimeoutMilliseconds)
  }

  /// Whether a call that came to nothing in its time is made again.
  private func mayRepeat(since begun: ContinuousClock.Instant) -> Bool {
    let patience =
      control.isStopping ? 2 * Limits.lastCallMilliseconds : 2 * LaneProducer.transactionTimeoutMilliseconds
    return begun.duration(to: .now) < .milliseconds(patience)
  }

  private func sendOffsets(
    _ offsets: borrowing OpaqueOffsets, _ producer: LaneProducer, _ metadata: OpaquePointer
  ) -> TransactionFailure? {
    let begun = ContinuousClock.now
    for _ in 0..<3 where mayRepeat(since: begun) {
      control.pulse.beat()
      // librdkafka looks at the time-out only when a request of ten seconds is over: a lane that is to end does not begin it
      // where nobody answers.
      if control.isStopping,
        (try? producer.client.partitionCounts(timeoutMilliseconds: Int32(Limits.lastCallMilliseconds))) == nil
      {
        return TransactionFailure(
          code: RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, disposition: .abort, description: "no broker answers")
      }
      guard let failure = unsafe producer.sendOffsets(offsets, group: metadata, timeoutMilliseconds: callMilliseconds)
      else { return nil }
      if failure.disposition != .retry { return failure }
    }
    return TransactionFailure(
      code: RD_KAFKA_RESP_ERR__TIMED_OUT, disposition: .abort, description: "offsets could not be sent")
  }

  /// Waits until the broker has every answer, for at-least-once.
  private func flush() throws(TransactionFailure) {
    guard transaction.isOpen, let producer = rotation.current else { return }
    FailPoint.produced.reach()
    let started = ContinuousClock.now
    var code = RD_KAFKA_RESP_ERR_NO_ERROR
    repeat {
      // In short calls, so that it is known when the lane is to end.
      control.pulse.beat()
      code = producer.flush(timeoutMilliseconds: Int32(Limits.lastCallMilliseconds))
    } while code == RD_KAFKA_RESP_ERR__TIMED_OUT && mayRepeat(since: started)
    if code != RD_KAFKA_RESP_ERR_NO_ERROR || producer.client.context.takeFailure().map(noteDelivery) != nil {
      throw TransactionFailure(code: code, disposition: .fatal, description: "responses were not acknowledged")
    }
    FailPoint.offsetsSent.reach()
    close(since: started)
  }

  // MARK: Failures

  static let fencedText = "another process has joined the group with this slot: give every worker its own `slot`"

  /// Ends a failed transaction in the way that its failure asks for.
  func handle(_ failure: TransactionFailure, _ consumer: LaneConsumer) throws(KafkaError) {
    transaction.close()
    // Whatever comes next, also an end of the lane: nothing that was not acknowledged may be committed any more.
    _ = positions.rewind()
    noteUndelivered()
    logger.warning(
      "transaction failed", metadata: ["error": "\(failure.description)", "disposition": "\(failure.disposition)"])
    if let fatal = consumer.fatalError { throw fatal }
    if failure.isInstanceFenced {
      throw .fenced(Self.fencedText)
    }
    // With transactions a missing right is met when new producers are initialised; without them nobody waits for that.
    if configuration.delivery == .atLeastOnce, let fatal = rotation.current?.client.fatalError, isDenial(fatal.code) {
      throw .denied(fatal.text, fatal.code)
    }
    let wait = try failures.failed(isFence: failure.isFenced, text: failure.description)
    FailPoint.aborting.reach()
    if failure.disposition != .fatal, abortTransaction() {
      FailPoint.aborted.reach()
      // Serves the group meanwhile, so that a wait costs no membership.
      try rewind(consumer)
      FailPoint.rewound.reach()
      control.pauseThread(for: wait)
    } else {
      if failure.isFenced {
        rotation.markAllDead()
        // Longer than a heartbeat, so that a consumer that has lost its place learns of it first.
        control.pauseThread(for: max(wait, .milliseconds(1000)))
        if let fatal = consumer.fatalError { throw fatal }
      } else {
        control.pauseThread(for: wait)
      }
      rotation.current?.markDead()
      try recover(consumer, because: failure.description)
    }
  }

  /// Learns of a record that the broker did not take. Its report may have come long before, or come only with the abort.
  private func noteUndelivered() {
    if let delivery = rotation.current?.client.context.takeFailure() { noteDelivery(delivery) }
  }

  private func noteDelivery(_ failure: ClientContext.DeliveryFailure) {
    logger.warning(
      "record not delivered",
      metadata: [
        "topic": "\(failure.topic)", "bytes": "\(failure.byteCount)",
        "error": "\(describe(rd_kafka_resp_err_t(rawValue: failure.code)))",
      ])
    destinations.note(failure)
  }

  /// - Returns: whether the transaction is known to be aborted.
  func abortTransaction() -> Bool {
    guard configuration.delivery == .exactlyOnce, let producer = rotation.current else { return true }
    let begun = ContinuousClock.now
    control.pulse.beat()
    while let failure = producer.abort(timeoutMilliseconds: callMilliseconds) {
      control.pulse.beat()
      if failure.disposition == .retry, mayRepeat(since: begun) { continue }
      logger.warning("abort failed", metadata: ["error": "\(failure.description)"])
      return false
    }
    noteUndelivered()
    rotation.advance()
    return true
  }

  /// Back to what was committed last: known from memory, since the abort succeeded.
  func rewind(_ consumer: LaneConsumer) throws(KafkaError) {
    // What was gathered comes again.
    batch.removeAll()
    drained.removeAll()
    ends.restart()
    let list = OpaqueOffsets()
    for (partition, offset) in positions.rewind() {
      list.append(topic: batch.topics[partition.topic], partition: partition.partition, offset: offset)
    }
    try consumer.seek(list)
  }

  /// After an unknown outcome: new producers with the same ids, whose initialisation ends what was open, and then the
  /// offsets that the broker has.
  func recover(_ consumer: LaneConsumer, because reason: String) throws(KafkaError) {
    if rotation.current != nil { logger.notice("renewing producers", metadata: ["because": "\(reason)"]) }
    batch.removeAll()
    try rotation.prepare()
    destinations.client = rotation.current?.client
    guard !positions.partitions.isEmpty else { return }
    FailPoint.renewed.reach()
    let list = OpaqueOffsets()
    for partition in positions.partitions.keys {
      list.append(topic: batch.topics[partition.topic], partition: partition.partition)
    }
    try consumer.fillCommitted(list, for: control)
    guard try resolveOffsets(list, consumer) else {
      throw .retry("where the group begins could not be committed while it rebalances")
    }
    try measureEnds(list, consumer)
    positions.removeAll()
    drained.removeAll()
    adopt(list)
    try consumer.seek(list)
  }

  /// Takes a list with offsets over as the lane's positions.
  func adopt(_ list: borrowing OpaqueOffsets) {
    for index in 0..<list.count {
      let partition = TopicPartition(topic: batch.topicPosition(list.topic(index)), partition: list.partition(index))
      positions.assign(partition, at: list.offset(index))
      journal?.committed(topic: list.topic(index), partition: list.partition(index), next: list.offset(index))
    }
  }
}

/// How often a lane may fail before it gives up, and how long it waits after each.
struct FailureBudget {
  private var inARow = 0
  private var fences: [ContinuousClock.Instant] = []

  /// A transaction was committed.
  mutating func succeeded() { inARow = 0 }

  /// A transaction failed.
  /// - Returns: how long to wait before the next one: 50 ms doubled with each failure in a row, 5 s at most.
  mutating func failed(isFence: Bool, text: String) throws(KafkaError) -> Duration {
    inARow += 1
    if isFence {
      fences = fences.filter { $0 > .now - .seconds(300) } + [.now]
      if fences.count > 2 {
        throw .fenced(
          "fenced \(fences.count) times in five minutes: another process uses this slot; give every worker its own `slot`"
        )
      }
    }
    if inARow > 24 { throw .retry("24 transactions in a row failed, the last with: \(text)") }
    return inARow == 1 ? .zero : .milliseconds(min(50 << min(inARow - 2, 7), 5000))
  }
}
