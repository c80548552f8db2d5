import CRdKafka
import Domain
import Logging

/// Commit, abort, rewind and recovery.
extension Lane {
  /// Commits the open transaction, if one is open: the offsets of everything answered, and the answers.
  func commit(_ consumer: LaneConsumer) throws(KafkaError) {
    guard transaction.isOpen else { return }
    FailPoint.produced.reach()
    let started = ContinuousClock.now
    do throws(TransactionFailure) {
      switch configuration.delivery {
      case .exactlyOnce: try commitTransaction(consumer)
      case .atLeastOnce: try flushAndCommit(consumer)
      }
    } catch {
      return try handle(error, consumer)
    }
    FailPoint.committed.reach()
    observer.lane(configuration.number, committed: transaction.figures.finished(since: started, topics: batch.topics))
    noteCommitted()
    for partition in positions.markCommitted() {
      offsetMemory.markServed(topic: batch.topics[partition.topic], partition: partition.partition)
    }
    transaction.close()
    failures.succeeded()
    rotation.advance()
  }

  private func uncommittedOffsets() -> OpaqueOffsets {
    let list = OpaqueOffsets()
    for (partition, next) in positions.uncommitted {
      list.append(topic: batch.topics[partition.topic], partition: partition.partition, offset: next)
    }
    return list
  }

  private func commitTransaction(_ consumer: LaneConsumer) throws(TransactionFailure) {
    guard let producer = rotation.current else { return }
    let offsets = uncommittedOffsets()
    // The metadata first, then the check: a commit without a member id would not be fenced by the broker.
    let failure: TransactionFailure?? = unsafe consumer.withGroupMetadata { metadata in
      guard !consumer.isAssignmentLost, consumer.isMember else {
        return TransactionFailure(
          code: RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, disposition: .abort,
          description: "the group has taken the partitions away")
      }
      return unsafe sendOffsets(offsets, producer, metadata)
    }
    if let failure = failure ?? nil { throw failure }
    FailPoint.offsetsSent.reach()
    let deadline = ContinuousClock.now + .milliseconds(2 * LaneProducer.transactionTimeoutMilliseconds)
    while let failure = producer.commit(timeoutMilliseconds: Int32(LaneProducer.transactionTimeoutMilliseconds)) {
      // The same call resumes a commit; after too long its outcome is unknown, and the broker's to tell.
      if failure.disposition == .retry, ContinuousClock.now < deadline { continue }
      if failure.disposition == .retry {
        throw TransactionFailure(
          code: failure.code, disposition: .fatal, description: "commit unknown: \(failure.description)")
      }
      throw failure
    }
  }

  private func sendOffsets(
    _ offsets: borrowing OpaqueOffsets, _ producer: LaneProducer, _ metadata: OpaquePointer
  ) -> TransactionFailure? {
    for _ in 0..<3 {
      guard let failure = unsafe producer.sendOffsets(offsets, group: metadata) else { return nil }
      if failure.disposition != .retry { return failure }
    }
    return TransactionFailure(
      code: RD_KAFKA_RESP_ERR__TIMED_OUT, disposition: .abort, description: "offsets could not be sent")
  }

  private func flushAndCommit(_ consumer: LaneConsumer) throws(TransactionFailure) {
    guard let producer = rotation.current else { return }
    let code = producer.flush(timeoutMilliseconds: 15_000)
    if code != RD_KAFKA_RESP_ERR_NO_ERROR || producer.client.context.takeFailure().map(noteDelivery) != nil {
      throw TransactionFailure(code: code, disposition: .fatal, description: "responses were not acknowledged")
    }
    FailPoint.offsetsSent.reach()
    let committed = consumer.commit(uncommittedOffsets())
    if committed != RD_KAFKA_RESP_ERR_NO_ERROR {
      throw TransactionFailure(
        code: committed, disposition: .abort, description: "offsets not committed: \(describe(committed))")
    }
  }

  // MARK: Failures

  /// Ends a failed transaction in the way that its failure asks for.
  func handle(_ failure: TransactionFailure, _ consumer: LaneConsumer) throws(KafkaError) {
    transaction.close()
    noteUndelivered()
    logger.warning(
      "transaction failed", metadata: ["error": "\(failure.description)", "disposition": "\(failure.disposition)"])
    if let fatal = consumer.fatalError { throw fatal }
    if failure.isInstanceFenced {
      throw .fenced("another process has joined the group with this slot: give every worker its own `slot`")
    }
    // With transactions a missing right is met when new producers are initialised; without them nobody waits for that.
    if configuration.delivery == .atLeastOnce, let fatal = rotation.current?.client.fatalError, isDenial(fatal.code) {
      throw .denied(fatal.text, fatal.code)
    }
    let wait = try failures.failed(isFence: failure.isFenced, text: failure.description)
    if failure.disposition != .fatal, abortTransaction() {
      // Serves the group meanwhile, so that a wait costs no membership.
      try rewind(consumer)
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
    let deadline = ContinuousClock.now + .milliseconds(2 * LaneProducer.transactionTimeoutMilliseconds)
    while let failure = producer.abort(timeoutMilliseconds: Int32(LaneProducer.transactionTimeoutMilliseconds)) {
      if failure.disposition == .retry, ContinuousClock.now < deadline { continue }
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
    let list = OpaqueOffsets()
    for partition in positions.partitions.keys {
      list.append(topic: batch.topics[partition.topic], partition: partition.partition)
    }
    try consumer.fillCommitted(list)
    try resolveOffsets(list, consumer)
    try measureEnds(list, consumer)
    positions.removeAll()
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
