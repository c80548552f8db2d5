import Domain
import Testing

@testable import understudy

/// Where a rollback goes, and what must be live for it.
struct RollbackGoalTests {
  private static let now: Int64 = 1_795_500_000_000

  /// A worker that serves a version; nil for nothing.
  private func status(_ live: String?, previous: String? = nil, seconds: Int64 = 0) -> WorkerStatus {
    var status = WorkerStatus(
      group: "g", slot: "w", updatedAt: Self.now - seconds * 1000, build: "1")
    if let live {
      status.routes = [
        .init(
          model: "loan", version: live, digest: "sha256:1", generation: 1, since: 0, commandID: nil,
          previous: previous)
      ]
    }
    return status
  }

  private func current(_ statuses: WorkerStatus...) -> String? {
    RollbackGoal(of: "loan", to: "1", statuses, now: Self.now).current
  }

  @Test func `P2: with a version named, what all workers serve must still be live`() {
    #expect(current(status("3"), status("3", previous: "1")) == "3")
    #expect(current(status("3"), status("2")) == nil)
    #expect(current(status("3"), status(nil)) == nil)
    #expect(current(status(nil)) == nil && current() == nil)
    let old = Limits.staleStatusMilliseconds / 1000 + 1
    #expect(current(status("3"), status("2", seconds: old)) == "3")
    #expect(current(status("2", seconds: old)) == "2")
    let stale = status("2", seconds: old)
    #expect(RollbackGoal(of: "loan", to: "1", [stale], now: Self.now).isOutdated)
    #expect(!RollbackGoal(of: "loan", to: "1", [stale, status("3")], now: Self.now).isOutdated)
    #expect(!RollbackGoal(of: "loan", to: "1", [], now: Self.now).isOutdated)
    #expect(RollbackGoal(of: "churn", to: "1", [status("3")], now: Self.now).current == nil)
  }

  @Test func `P2: without one, all workers must agree on what was live before`() throws {
    let goal = try RollbackGoal(of: "loan", [status("3", previous: "2"), status(nil)], now: Self.now)
    #expect(goal.version == "2" && goal.current == "3")
    for statuses in [[status("3", previous: "2"), status("3", previous: "1")], [status("3")], []] {
      #expect(throws: CommandFailure.self) { try RollbackGoal(of: "loan", statuses, now: Self.now) }
    }
  }
}
