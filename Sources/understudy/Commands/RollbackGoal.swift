import Domain

/// Which version a rollback goes back to, and from which.
struct RollbackGoal: Equatable {
  /// The version that is to be live.
  let version: String
  /// What is live on all workers, and must still be when the command takes effect; nil if they do not agree.
  let current: String?
  /// Whether no worker was heard of lately, so that this is what they said last.
  let isOutdated: Bool

  /// To the version that somebody has named.
  /// - Parameter statuses: of the workers that are meant.
  init(of model: String, to version: String, _ statuses: [WorkerStatus], now: Int64 = WallClock.milliseconds) {
    self.version = version
    let live = Self.present(statuses, now).map { status in status.routes.first { $0.model == model }?.version }
    current = Set(live).count == 1 ? live.first ?? nil : nil
    isOutdated = Self.areOutdated(statuses, now)
  }

  /// To what was live before, if all workers agree.
  /// - Throws: `CommandFailure.failed` if they do not, or if there is nothing to go back to.
  init(of model: String, _ statuses: [WorkerStatus], now: Int64 = WallClock.milliseconds) throws {
    let routes = Self.present(statuses, now).flatMap(\.routes).filter { $0.model == model }
    guard !routes.isEmpty else {
      throw CommandFailure.failed("no worker serves \(model); see `understudy status`, or name a version with --to")
    }
    let current = Set(routes.map(\.version))
    let previous = Set(routes.map { $0.previous ?? "" })
    guard current.count == 1, let live = current.first, previous.count == 1, let version = previous.first else {
      throw CommandFailure.failed(
        "the workers do not agree on what is live and what was before; name a version with --to")
    }
    guard !version.isEmpty else {
      throw CommandFailure.failed(
        "nothing of \(model) was live before \(live); name a version with --to (see `understudy releases`)")
    }
    self.version = version
    self.current = live
    isOutdated = Self.areOutdated(statuses, now)
  }

  private static func areOutdated(_ statuses: [WorkerStatus], _ now: Int64) -> Bool {
    !statuses.isEmpty && statuses.allSatisfy { $0.isStale(at: now) }
  }

  /// A worker that was not heard of for a while does not keep the others from going back, unless nobody else is there.
  private static func present(_ statuses: [WorkerStatus], _ now: Int64) -> [WorkerStatus] {
    let fresh = statuses.filter { !$0.isStale(at: now) }
    return fresh.isEmpty ? statuses : fresh
  }
}
