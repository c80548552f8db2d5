import Domain
import GRDB
import StateStore
import Synchronization
import Testing
import Wire

/// What the state keeps of what never ends.
struct BoundTests {
  /// What was dropped, as the repository has told.
  final class Drops: Sendable {
    let counts = Mutex<[Bound: Int]>([:])
  }

  let directory: TemporaryDirectory
  let drops = Drops()
  init() throws { directory = try TemporaryDirectory() }

  func open() throws -> SQLiteStateRepository {
    try SQLiteStateRepository(StateDirectory(path: directory.path, owner: "slot w-0"), reports: GateReportCodec()) {
      [drops] bound, count in drops.counts.withLock { $0[bound, default: 0] += count }
    }
  }

  /// Fills a table to its bound, faster than move by move: `n` runs from 1 to `count`.
  func fill(_ count: Int, _ insert: String) throws {
    do { _ = try open() }
    let database = try DatabaseQueue(path: directory.path + "/understudy.sqlite")
    try database.write { db in
      try db.execute(
        sql: """
          WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
          \(insert) FROM number
          """,
        arguments: [count])
    }
    try database.close()
  }

  @Test func `P8: when the broker is away too long, the oldest events are dropped`() throws {
    try fill(
      Limits.outboxEvents,
      """
      INSERT INTO outbox (id, type, time, worker, worker_group, timings)
      SELECT 'old-' || n, 'release.live', n, 'w', 'g', ''
      """)
    let repository = try open()
    #expect(try repository.pendingEvents(limit: 1).map(\.event.id) == ["old-1"])
    var change = StateChange(state: WorkerState())
    change.events = ["a", "b", "c"].map(SampleState.event)
    try repository.commit(change, from: WorkerState())
    let first = try #require(repository.pendingEvents(limit: 1).first)
    #expect(first.event.id == "old-4")
    #expect(drops.counts.withLock { $0 } == [.outboxEvents: 3])
    try repository.removeEvents(upTo: first.position + Int64(Limits.outboxEvents) - 3)
    #expect(try repository.pendingEvents(limit: 9).map(\.event.id) == ["b", "c"])
  }

  @Test func `P8: of the commands the newest are remembered`() throws {
    try fill(
      Limits.commandsRemembered,
      "INSERT INTO command (id, control_offset, outcome) SELECT 'old-' || n, n, 'applied'")
    let repository = try open()
    #expect(try repository.hasCommand("old-1"))
    var change = StateChange(state: WorkerState())
    change.commands = ["a", "b"].enumerated().map {
      CommandRecord(
        id: $1, kind: .retire, model: "loan", controlOffset: Int64(Limits.commandsRemembered + 1 + $0),
        outcome: .accepted)
    }
    try repository.commit(change, from: WorkerState())
    #expect(try !repository.hasCommand("old-1"))
    #expect(try !repository.hasCommand("old-2"))
    #expect(try repository.hasCommand("old-3"))
    #expect(try repository.hasCommand("b"))
    #expect(drops.counts.withLock { $0 } == [.commandsRemembered: 2])
  }

  @Test func `P8: releases that are forgotten are counted, and a move within the bounds drops nothing`() throws {
    let repository = try open()
    try repository.commit(StateChange(state: SampleState.full), from: WorkerState())
    #expect(drops.counts.withLock { $0 } == [:])
    var next = SampleState.full
    next.models["loan"]?.releases.removeFirst(2)
    try repository.commit(StateChange(state: next), from: SampleState.full)
    #expect(drops.counts.withLock { $0 } == [.releasesRemembered: 2])
  }
}
