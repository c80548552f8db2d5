import Deployment
import Domain
import Kafka
import Synchronization

/// The lanes of a worker as the control path sees them: passes on what they report, remembers which of them take
/// routing.
final class WorkerLanes: LaneGroup, LaneObserver, Sendable {
  let controls: [LaneControl]
  private let active = Mutex<Set<Int>>([])
  private let observer = Mutex<(any LaneObserver)?>(nil)

  init(count: Int) {
    controls = (0..<count).map { _ in LaneControl() }
  }

  /// Who is told of what the lanes report.
  func setObserver(_ observer: any LaneObserver) { self.observer.withLock { $0 = observer } }

  func wake() {
    for control in controls { control.wake() }
  }

  func setPaused(_ isPaused: Bool) {
    for control in controls { control.setPaused(isPaused) }
  }

  var running: Set<Int> { active.withLock { $0 } }

  /// A lane has ended, or has not begun.
  func ended(_ number: Int) { active.withLock { _ = $0.remove(number) } }

  /// Every lane leaves its group, until `join`.
  func leave() {
    for control in controls { control.leave() }
  }

  /// The lanes may run again.
  func join() {
    for control in controls { control.join() }
  }

  /// Whether the lanes have been told to end, for now or for good.
  var areEnding: Bool { controls.contains { $0.isStopping || $0.isLeaving } }

  func stop() {
    for control in controls { control.stop() }
  }

  func lane(_ number: Int, tookSnapshot serial: UInt64, positions: [String: Int64]) {
    active.withLock { _ = $0.insert(number) }
    observer.withLock { $0 }?.lane(number, tookSnapshot: serial, positions: positions)
  }

  func lane(_ number: Int, lag: [String: Int64]) {
    observer.withLock { $0 }?.lane(number, lag: lag)
  }
}
