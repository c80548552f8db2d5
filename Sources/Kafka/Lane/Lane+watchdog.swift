import Domain
import Logging

/// The lag that a lane tells, and what it does when it has lag and gets nowhere.
extension Lane {
  /// Once a second: tells how much waits, and looks whether the lane gets anywhere.
  func reportLag(_ consumer: LaneConsumer) {
    guard ContinuousClock.now >= nextLagReport else { return }
    nextLagReport = .now + .seconds(1)
    var lag: [String: Int64] = [:]
    for (partition, progress) in positions.partitions {
      let topic = batch.topics[partition.topic]
      guard let end = consumer.cachedEnd(topic: topic, partition: partition.partition) else { continue }
      lag["\(topic)-\(partition.partition)"] = max(0, end - progress.next)
    }
    observer.lane(configuration.number, lag: lag)
    observer.lane(configuration.number, isMember: consumer.isMember)
    watch(lag.values.reduce(0, +))
  }

  /// A lane that is paused, or waits for a release to serve with, is where it should be.
  private func watch(_ lag: Int64) {
    let mark = positions.partitions.values.reduce(0) { $0 &+ $1.next &+ $1.committed }
    let hasWork = !isPaused && (processor?.mayServe ?? false) && (lag > 0 || transaction.isOpen || offsets.areUnderWay)
    guard let idle = watchdog.look(mark: mark, hasWork: hasWork) else { return }
    logger.error(
      "a lane has made no progress: its clients are made anew",
      metadata: [
        "lane": "\(configuration.number)", "waiting": "\(lag)", "seconds": "\(idle.components.seconds)",
        "member": "\(consumer?.isMember ?? false)", "transaction": "\(transaction.isOpen ? "open" : "none")",
      ])
    observer.lane(configuration.number, rebuiltAfter: idle)
    isStuck = true
  }

  /// Forgets what belongs to clients that are not to be used again. What was open is ended when the producers' ids are
  /// initialised anew.
  func dropClients() {
    transaction.close()
    offsets = SentOffsets()
    batch.removeAll()
    gathered = nil
    positions.removeAll()
    ends.giveUp()
    isPaused = false
    rotation.markAllDead()
  }
}
