import CRdKafka
import Domain
import Logging

/// Offsets on their own, for at-least-once: sent when the answers are acknowledged, and not waited for, since a request
/// that is answered twice is what was agreed to. One commit is under way at a time; what is answered meanwhile goes with
/// the next one.
extension Lane {
  /// Sends the offsets of everything answered, unless some are still under way.
  func sendOffsets(_ consumer: LaneConsumer) throws(KafkaError) {
    if let failure = offsets.failure {
      offsets.failure = nil
      logger.warning("offsets not committed", metadata: ["error": "\(failure.description)"])
      if let fatal = consumer.fatalError { throw fatal }
      if failure.isInstanceFenced { throw .fenced(Self.fencedText) }
      // They go with the next ones. Partitions that the group has taken away are given up in a poll.
      control.pauseThread(for: try failures.failed(isFence: false, text: failure.description))
    }
    guard !offsets.areUnderWay else { return }
    let uncommitted = positions.uncommitted
    guard !uncommitted.isEmpty else { return }
    let code = consumer.commitLater(opaque(uncommitted))
    offsets.areUnderWay = true
    if code != RD_KAFKA_RESP_ERR_NO_ERROR { offsetsCommitted(OpaqueOffsets(), code) }
  }

  /// Sends the offsets of everything answered, and waits until the broker has them.
  func commitOffsets(_ consumer: LaneConsumer) throws(TransactionFailure) {
    let uncommitted = positions.uncommitted
    guard !uncommitted.isEmpty else { return }
    let code = consumer.commit(opaque(uncommitted), timeoutMilliseconds: callMilliseconds)
    if code != RD_KAFKA_RESP_ERR_NO_ERROR {
      throw TransactionFailure(
        code: code, disposition: .abort, description: "offsets not committed: \(describe(code))")
    }
    FailPoint.committed.reach()
    failures.succeeded()
    noteCommitted(uncommitted)
  }

  /// What the broker says of offsets that were sent. Called inside of a poll.
  func offsetsCommitted(_ list: borrowing OpaqueOffsets, _ code: rd_kafka_resp_err_t) {
    // A commit that is waited for is told of here too, and has been dealt with.
    guard offsets.areUnderWay else { return }
    offsets.areUnderWay = false
    let failure = code != RD_KAFKA_RESP_ERR_NO_ERROR ? code : list.firstError
    guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
      offsets.failure = TransactionFailure(code: failure, disposition: .abort, description: describe(failure))
      return
    }
    FailPoint.committed.reach()
    failures.succeeded()
    noteCommitted(
      (0..<list.count).map { index in
        let partition = TopicPartition(topic: batch.topicPosition(list.topic(index)), partition: list.partition(index))
        return .init(partition: partition, next: list.offset(index))
      })
  }

  /// The broker has these offsets: what was under suspicion before them is answered for good.
  func noteCommitted(_ committed: [LanePositions.Offset]) {
    if let journal, journal.hasSuspects {
      for offset in committed {
        journal.committed(
          topic: batch.topics[offset.partition.topic], partition: offset.partition.partition, next: offset.next)
      }
    }
    for partition in positions.markCommitted(committed) {
      // Each may wait for the disk, or for whoever has locked the state.
      control.pulse.beat()
      offsetMemory.markServed(topic: batch.topics[partition.topic], partition: partition.partition)
    }
  }

  /// As librdkafka takes them.
  func opaque(_ offsets: [LanePositions.Offset]) -> OpaqueOffsets {
    let list = OpaqueOffsets()
    for offset in offsets {
      list.append(
        topic: batch.topics[offset.partition.topic], partition: offset.partition.partition, offset: offset.next)
    }
    return list
  }
}

/// Offsets that are sent and not waited for.
struct SentOffsets {
  /// Whether the broker has not answered yet.
  var areUnderWay = false
  /// Why it did not take the last ones, until somebody has looked.
  var failure: TransactionFailure?
}
