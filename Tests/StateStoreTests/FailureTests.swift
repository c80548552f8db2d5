import Domain
import Foundation
import GRDB
import Testing
import Wire

@testable import StateStore

/// What stands between a worker and its state, and what it is told.
struct FailureTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  var file: String { directory.path + "/understudy.sqlite" }

  func open() throws -> SQLiteStateRepository {
    try SQLiteStateRepository(StateDirectory(path: directory.path, owner: "slot w-0"), reports: GateReportCodec())
  }

  /// Records a full state and then does with the file as the test wants.
  func damage(_ sql: String) throws {
    do {
      let repository = try open()
      var change = StateChange(state: SampleState.full)
      change.events = [SampleState.fullEvent]
      try repository.commit(change, from: WorkerState())
    }
    let database = try DatabaseQueue(path: file)
    try database.write { try $0.execute(sql: sql) }
    try database.close()
  }

  func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was thrown"
    } catch {
      return "\(error)"
    }
  }

  // MARK: The lock

  @Test func `a state directory belongs to one owner, whom the second one is told`() throws {
    let first = try StateDirectory(path: directory.path, owner: "slot w-0")
    let owner = "slot w-0, process \(ProcessInfo.processInfo.processIdentifier)"
    #expect(throws: StateError.locked(path: first.path, owner: owner)) {
      try StateDirectory(path: directory.path, owner: "slot w-1")
    }
    #expect(throws: StateError.locked(path: first.path, owner: owner)) {
      try StateDirectory(path: directory.path, owner: "slot w-2")
    }
  }

  @Test func `a directory of another process is asked for again, for a moment`() throws {
    let first = try StateDirectory(path: directory.path, owner: "w-0")
    let started = ContinuousClock.now
    #expect(throws: StateError.self) { try StateDirectory(path: first.path, owner: "w-1") }
    #expect(started.duration(to: .now) >= .milliseconds(Limits.stateHandoverMilliseconds))
  }

  @Test func `a directory can be locked again when its owner has let go, and names the new one`() throws {
    do { _ = try StateDirectory(path: directory.path, owner: "a slot with a very long name") }
    let second = try StateDirectory(path: directory.path, owner: "w-1")
    let owner = "w-1, process \(ProcessInfo.processInfo.processIdentifier)"
    #expect(throws: StateError.locked(path: second.path, owner: owner)) {
      try StateDirectory(path: directory.path, owner: "w-2")
    }
  }

  @Test func `a repository holds the lock as long as it lives`() throws {
    var repository: SQLiteStateRepository? = try open()
    #expect(message { _ = try open() }.contains("give this worker its own `slot` and `state`"))
    #expect(try repository?.load() == WorkerState())
    repository = nil
    #expect(try open().load() == WorkerState())
  }

  @Test func `the directory is made, and nobody else may read it`() throws {
    let path = directory.path + "/a/b"
    let repository = try SQLiteStateRepository(StateDirectory(path: path, owner: "w"), reports: GateReportCodec())
    try repository.setValue("1", named: "one")
    let files = ["understudy.sqlite", "understudy.sqlite-wal", "understudy.sqlite-shm", "lock"].map { "\(path)/\($0)" }
    for (name, permissions) in [(path, 0o700)] + files.map({ ($0, 0o600) }) {
      let attributes = try FileManager.default.attributesOfItem(atPath: name)
      #expect(attributes[.posixPermissions] as? Int == permissions, "\(name)")
    }
  }

  @Test func `P5: what is recorded is on the disk, and not only with the system, before the call returns`() throws {
    for _ in 0..<2 {
      let repository = try open()
      // 2 is FULL (sqlite.org/pragma.html#pragma_synchronous).
      #expect(try repository.setting("synchronous") == 2)
    }
  }

  @Test func `a directory that cannot be made is a clear error`() throws {
    let path = directory.path + "/file"
    try Data().write(to: URL(fileURLWithPath: path))
    let told = message { _ = try StateDirectory(path: path + "/state", owner: "w") }
    #expect(told.hasPrefix("cannot create the state directory \(path)/state: "))
  }

  // MARK: Content

  @Test(arguments: [
    ("UPDATE release SET step = 'dancing' WHERE version = 'v4'", "step"),
    ("UPDATE release SET intent = 'dancing' WHERE version = 'v4'", "intent"),
    ("UPDATE activation SET kind = 'dancing' WHERE position = 1", "kind"),
    ("UPDATE model SET pending_kind = 'dancing' WHERE name = 'loan'", "pending_kind"),
    ("UPDATE release SET reason = 'dancing' WHERE version = 'v4'", "reason"),
  ])
  func `a word of a newer build is an error that says so`(sql: String, column: String) throws {
    try damage(sql)
    let repository = try open()
    #expect(
      throws: StateError.failed(
        "cannot read the state: column \(column) holds dancing, which this build does not know: the state is of a newer build"
      )
    ) { try repository.load() }
  }

  @Test func `an event of a newer build is an error that says so`() throws {
    try damage("UPDATE outbox SET type = 'release.danced'")
    let repository = try open()
    #expect(
      throws: StateError.failed(
        "cannot read the outbox: column type holds release.danced, which this build does not know: the state is of a newer build"
      )
    ) { try repository.pendingEvents(limit: 1) }
  }

  @Test func `tables of a newer build are an error that says so`() throws {
    try damage("INSERT INTO grdb_migrations (identifier) VALUES ('v999')")
    #expect(message { _ = try open() }.contains("its tables are of a newer build"))
  }

  @Test func `a file that is no database is a clear error and is left alone`() throws {
    let garbage = Data(repeating: 0x5a, count: 20_000)
    try garbage.write(to: URL(fileURLWithPath: file))
    let told = message { _ = try open() }
    #expect(told.hasPrefix("cannot open \(file): "))
    #expect(told.contains("file is not a database"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == garbage)
  }

  @Test func `a database with damaged pages is a clear error`() throws {
    try damage("PRAGMA user_version = 0")
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
    let size = try handle.seekToEnd()
    try handle.seek(toOffset: 4096)
    try handle.write(contentsOf: Data(repeating: 0xa5, count: Int(size) - 4096))
    try handle.close()
    let told = message { _ = try open().load() }
    #expect(told.hasPrefix("cannot "))
    #expect(told.contains("the file is damaged"))
  }

  @Test func `a move that cannot be recorded leaves nothing of itself`() throws {
    try damage("DROP TABLE outbox")
    let repository = try open()
    var change = StateChange(state: SampleState.full)
    change.state.controlOffset += 1
    change.commands = [CommandRecord(id: "c1", kind: .retire, model: "loan", controlOffset: 4, outcome: .applied)]
    change.events = [SampleState.event("e")]
    #expect(message { try repository.commit(change, from: SampleState.full) }.hasPrefix("cannot record a move: "))
    #expect(try repository.load() == SampleState.full)
    #expect(try !repository.hasCommand("c1"))
  }
}
