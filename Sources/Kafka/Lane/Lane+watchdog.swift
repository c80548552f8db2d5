import Domain
import Logging

/// The lag that a lane tells, and what it does when it has lag and gets nowhere.
extension Lane {
  /// Once a second: tells how much waits, and looks whether the lane gets anywhere.
  func reportLag(_ consumer: LaneConsumer) {
    guard ContinuousClock.now >= nextLagReport else { return }
    nextLagReport = .now + .seconds(1)
    var lag: [String: Int64] = [:]
    var waiting: Int64 = 0
    for (partition, progress) in positions.partitions {
      let topic = batch.topics[partition.topic]
      guard let end = consumer.cachedEnd(topic: topic, partition: partition.partition) else { continue }
      let count = max(0, end - progress.next)
      lag["\(topic)-\(partition.partition)"] = count
      if drained[partition] != end { waiting += count }
    }
    observer.lane(configuration.number, lag: lag)
    observer.lane(configuration.number, isMember: consumer.isMember)
    watch(waiting, consumer)
  }

  /// A lane that is paused, or waits for a release to serve with, is where it should be. One that the group does not know
  /// has no partitions to tell what waits.
  private func watch(_ waiting: Int64, _ consumer: LaneConsumer) {
    let mark = positions.partitions.values.reduce(0) { $0 &+ $1.next &+ $1.committed }
    let isServing = !isPaused && (processor?.mayServe ?? false)
    let hasWork = isServing && (waiting > 0 || transaction.isOpen || offsets.areUnderWay)
    let stuck = watchdog.look(mark: mark, hasWork: hasWork)
    let outside = membership.look(mark: mark, hasWork: isServing && !consumer.isMember)
    guard let idle = stuck ?? outside else { return }
    // New clients help only where the brokers answer.
    guard (try? rotation.current?.client.partitionCounts(timeoutMilliseconds: 500)) != nil else { return }
    logger.error(
      "a lane has made no progress: its clients are made anew",
      metadata: [
        "lane": "\(configuration.number)", "waiting": "\(waiting)", "seconds": "\(idle.components.seconds)",
        "member": "\(consumer.isMember)", "transaction": "\(transaction.isOpen ? "open" : "none")",
      ])
    observer.lane(configuration.number, rebuiltAfter: idle)
    isStuck = true
  }

  /// Forgets what belongs to clients that are not to be used again. What was open is ended when the producers' ids are
  /// initialised anew.
  func dropClients() {
    transaction.close()
    offsets = SentOffsets()
    drained.removeAll()
    batch.removeAll()
    gathered = nil
    positions.removeAll()
    ends.giveUp()
    isPaused = false
    rotation.markAllDead()
  }
}
