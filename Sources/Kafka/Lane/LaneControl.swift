import CRdKafka
import Domain
import Synchronization

/// What other threads may tell a lane.
package final class LaneControl: Sendable {
  private let isStopRequested = Atomic<Bool>(false)
  private let isLeaveRequested = Atomic<Bool>(false)
  private let isPauseRequested = Atomic<Bool>(false)
  private let queue = Mutex<WakeHandle>(WakeHandle())
  /// Whether the lane's thread comes back from what it calls.
  package let pulse = LanePulse()

  /// Controls of a lane that is to run.
  package init() {}

  /// Ends the lane: it finishes its transaction, commits and closes.
  package func stop() {
    isStopRequested.store(true, ordering: .releasing)
    wake()
  }

  /// Whether the lane is to end.
  package var isStopping: Bool { isStopRequested.load(ordering: .acquiring) }

  /// Has the lane leave its group, as `stop` does, but it may be run again: others take its partitions when its session
  /// has timed out.
  package func leave() {
    isLeaveRequested.store(true, ordering: .releasing)
    wake()
  }

  /// The lane may join its group again.
  package func join() { isLeaveRequested.store(false, ordering: .releasing) }

  /// Whether the lane is to be out of its group.
  package var isLeaving: Bool { isLeaveRequested.load(ordering: .acquiring) }

  /// Stops consuming, or begins again. The lane stays in its group.
  package func setPaused(_ isPaused: Bool) {
    isPauseRequested.store(isPaused, ordering: .releasing)
    wake()
  }

  /// Whether the lane is to consume nothing.
  package var isPaused: Bool { isPauseRequested.load(ordering: .acquiring) }

  /// Ends a poll early, so that an idle lane takes new routing at once.
  package func wake() {
    queue.withLock { handle in
      if let pointer = unsafe handle.pointer { unsafe rd_kafka_queue_yield(pointer) }
    }
  }

  /// The lane's own: from now on `wake` ends this consumer's polls.
  func attach(_ consumer: LaneConsumer) {
    let handle = unsafe WakeHandle(pointer: consumer.wakeHandle())
    queue.withLock { $0 = handle }
  }

  /// The lane's own: to be called before the consumer is closed.
  func detach() {
    queue.withLock { handle in
      if let pointer = unsafe handle.pointer { unsafe rd_kafka_queue_destroy(pointer) }
      unsafe handle.pointer = nil
    }
  }

  @safe private struct WakeHandle: @unchecked Sendable {
    var pointer: OpaquePointer?
  }
}

extension LaneControl {
  /// Waits on the lane's own thread, shorter if the lane is to stop.
  func pauseThread(for duration: Duration) {
    let deadline = ContinuousClock.now + duration
    while ContinuousClock.now < deadline, !isStopping {
      pulse.beat()
      rest(for: .milliseconds(10))
    }
  }
}
