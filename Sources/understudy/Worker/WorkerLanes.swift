import AdminAPI
import Deployment
import Domain
import Kafka
import Synchronization

/// The lanes of a worker as the control path sees them: passes on what they report, remembers which of them take
/// routing.
final class WorkerLanes: LaneGroup, LaneObserver, Sendable {
  let controls: [LaneControl]
  private let active = Mutex<Set<Int>>([])
  private let members = Mutex<Set<Int>>([])
  private let finished = Mutex<Set<Int>>([])
  /// Tells whoever waits for the lanes' end.
  private let ends = WaitCondition()
  private let observer = Mutex<(any LaneObserver)?>(nil)
  private let metrics: LaneMetrics

  init(count: Int, metrics: LaneMetrics) {
    controls = (0..<count).map { _ in LaneControl() }
    self.metrics = metrics
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

  /// A lane has ended, or has not begun: others serve its partitions, and what waits there is theirs to tell.
  func ended(_ number: Int) {
    observer.withLock { $0 }?.lane(number, lag: [:])
    active.withLock { _ = $0.remove(number) }
    members.withLock { _ = $0.remove(number) }
    finished.withLock { _ = $0.insert(number) }
    ends.withLock { ends.broadcast() }
  }

  /// Waits until every lane has ended, or for a time.
  /// - Returns: whether they have.
  func haveEnded(within limit: Duration) -> Bool {
    ends.withLock { ends.wait(atMost: limit) { finished.withLock(\.count) == controls.count } }
  }

  /// Lanes that have taken routing and are members of the group.
  var serving: Set<Int> { running.intersection(members.withLock { $0 }) }

  /// Lanes by what they do.
  var states: [WorkerFigures.LaneState: Int] {
    let (serving, finished) = (serving, finished.withLock { $0 })
    return controls.indices.reduce(into: [:]) { states, number in
      let isServing = serving.contains(number)
      let state: WorkerFigures.LaneState =
        finished.contains(number) ? .ended : !isServing ? .waiting : controls[number].isPaused ? .paused : .serving
      states[state, default: 0] += 1
    }
  }

  /// Every lane leaves its group, until `join`.
  func leave() {
    for control in controls { control.leave() }
  }

  /// The lanes may run again.
  func join() {
    for control in controls { control.join() }
    finished.withLock { $0.removeAll() }
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

  func lane(_ number: Int, isMember: Bool) {
    members.withLock { members in
      if isMember { members.insert(number) } else { members.remove(number) }
    }
  }

  func lane(_ number: Int, committed figures: TransactionFigures) { metrics.add(figures) }

  func lane(_ number: Int, rebuiltAfter idle: Duration) { metrics.addRebuild() }
}
