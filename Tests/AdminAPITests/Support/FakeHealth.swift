import Domain
import Synchronization

/// A worker that says what a test wants.
final class FakeHealth: WorkerHealth {
  private let problem = Mutex<String?>(nil)
  private let facts = Mutex(Readiness.Facts())

  var lifeProblem: String? { problem.withLock { $0 } }
  var readiness: Readiness { Readiness(facts.withLock { $0 }) }
  var status: WorkerStatus { WorkerStatus(group: "g", slot: "s", updatedAt: 0, build: "b") }

  func setProblem(_ text: String?) { problem.withLock { $0 = text } }

  func setServing() {
    facts.withLock {
      $0.isRestored = true
      $0.hasLiveRelease = true
      $0.servingLanes = 1
    }
  }
}
