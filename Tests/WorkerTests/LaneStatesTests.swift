import AdminAPI
import Domain
import Synchronization
import Testing

@testable import understudy

/// What a worker tells of its lanes.
@Suite("Lanes of a worker")
struct LaneStatesTests {
  /// Keeps what was told of each lane's lag.
  private final class Recorder: LaneObserver, Sendable {
    let lag = Mutex<[Int: [String: Int64]]>([:])

    func lane(_ number: Int, tookSnapshot serial: UInt64, positions: [String: Int64]) {}
    func lane(_ number: Int, lag: [String: Int64]) { self.lag.withLock { $0[number] = lag } }
  }

  @Test("A lane that has ended takes back what it told of its partitions: others serve them")
  func ended() {
    let lanes = WorkerLanes(count: 2, metrics: LaneMetrics(PrometheusMetrics(), topics: ["t"]))
    let recorder = Recorder()
    lanes.setObserver(recorder)
    lanes.lane(0, lag: ["t-0": 5])
    lanes.lane(1, lag: ["t-1": 7])
    lanes.ended(0)
    #expect(recorder.lag.withLock { $0 } == [0: [:], 1: ["t-1": 7]])
  }
}
