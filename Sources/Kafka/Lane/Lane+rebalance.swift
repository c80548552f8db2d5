import CRdKafka
import Domain
import Logging

/// Partitions come and go, inside of a poll. Nothing is produced and no transaction begins here.
///
/// What was gathered before is dropped here and not after the poll: the very poll that takes partitions over may return
/// their first record.
extension Lane: GroupHandler {
  func partitionsAssigned(_ partitions: borrowing OpaqueOffsets) {
    batch.removeAll()
    gathered = nil
    guard let consumer else { return }
    do throws(KafkaError) {
      // Whatever an earlier life has left open must be ended before the offsets are asked for.
      try rotation.prepare()
      destinations.client = rotation.current?.client
      try consumer.fillCommitted(partitions, for: control)
      guard try resolveOffsets(partitions, consumer) else {
        logger.notice("partitions not taken, for the group moves on", metadata: ["lane": "\(configuration.number)"])
        return giveUp(consumer)
      }
      try measureEnds(partitions, consumer)
      FailPoint.assigning.reach()
      positions.removeAll()
      drained.removeAll()
      adopt(partitions)
      let code = consumer.assign(partitions)
      guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw .retry("cannot take partitions: \(describe(code))") }
      if isPaused { consumer.pause(partitions) }
    } catch {
      callbackError = error
      return giveUp(consumer)
    }
    FailPoint.assigned.reach()
    logger.info(
      "partitions assigned",
      metadata: ["lane": "\(configuration.number)", "partitions": "\(describePartitions(partitions))"])
  }

  func partitionsRevoked() {
    batch.removeAll()
    gathered = nil
    guard let consumer else { return }
    FailPoint.revoking.reach()
    do throws(KafkaError) {
      if !consumer.isAssignmentLost {
        try commit(consumer, waiting: true)
      } else if transaction.isOpen {
        transaction.close()
        if !abortTransaction() { rotation.current?.markDead() }
      }
    } catch {
      callbackError = error
    }
    FailPoint.revoked.reach()
    giveUp(consumer)
    logger.info("partitions given up", metadata: ["lane": "\(configuration.number)"])
  }

  private func giveUp(_ consumer: LaneConsumer) {
    positions.removeAll()
    ends.giveUp()
    consumer.unassign()
  }

  /// Replaces "no committed offset" by where a new group begins, so that every position is a number that can be rewound
  /// to.
  /// - Returns: whether that could be done; not while the group rebalances, which takes them away again.
  func resolveOffsets(_ partitions: borrowing OpaqueOffsets, _ consumer: LaneConsumer) throws(KafkaError) -> Bool {
    for index in 0..<partitions.count where partitions.offset(index) < 0 {
      control.pulse.beat()
      let (topic, partition) = (partitions.topic(index), partitions.partition(index))
      if offsetMemory.hasServed(topic: topic, partition: partition) {
        throw .stop(
          "\(topic)-\(partition): this worker has served group \(configuration.group) before, but the broker has no offset for it any more. "
            + "Starting over could answer requests twice or skip them: set the group's offset by hand "
            + "(kafka-consumer-groups --reset-offsets), or use a new `group`")
      }
      let (low, high) = try consumer.watermarks(topic: topic, partition: partition)
      // A partition that was added to a topic later belongs to a group that is not new.
      let isToSkip = configuration.start == .latest && !offsetMemory.hasServed(topic: topic)
      partitions.setOffset(isToSkip ? high : low, at: index)
      guard isToSkip else { continue }
      // Committed before anything is answered: nothing that happens until the first answer may move the beginning.
      let first = OpaqueOffsets()
      first.append(topic: topic, partition: partition, offset: high)
      guard try consumer.commitFirst(first, for: control) else { return false }
    }
    return true
  }

  /// For a lane that ends by itself: how far each partition is to be read, and from where, if what comes next in it was
  /// deleted.
  func measureEnds(_ partitions: borrowing OpaqueOffsets, _ consumer: LaneConsumer) throws(KafkaError) {
    guard configuration.stopsAtEnds else { return }
    var stretches: [TopicPartition: LaneStretch] = [:]
    for index in 0..<partitions.count {
      control.pulse.beat()
      let (topic, number, next) = (partitions.topic(index), partitions.partition(index), partitions.offset(index))
      let (low, high) = try consumer.watermarks(topic: topic, partition: number)
      guard next <= high else {
        throw .stop(
          "\(topic)-\(number): group \(configuration.group) has read to offset \(next), but the topic ends at \(high): it was made anew. "
            + "Begin with another group")
      }
      partitions.setOffset(max(next, low), at: index)
      let partition = TopicPartition(topic: batch.topicPosition(topic), partition: number)
      stretches[partition] = LaneStretch(
        next: max(next, low), end: ends.end(of: partition) ?? high, deleted: max(0, low - next))
    }
    ends.take(stretches.mapValues(\.end))
    for (partition, stretch) in stretches where stretch.next >= stretch.end { ends.reach(partition) }
    observer.lane(
      configuration.number,
      reads: Dictionary(
        uniqueKeysWithValues: stretches.map { ("\(batch.topics[$0.topic])-\($0.partition)", $1) }))
  }

  private func describePartitions(_ partitions: borrowing OpaqueOffsets) -> String {
    var texts: [String] = []
    for index in 0..<partitions.count { texts.append("\(partitions.topic(index))-\(partitions.partition(index))") }
    return texts.sorted().joined(separator: " ")
  }
}
