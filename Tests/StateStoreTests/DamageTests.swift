import Domain
import Foundation
import GRDB
import Testing
import Wire

@testable import StateStore

/// Files that are damaged, locked, too old or on a disk without room: each is told with its name and what to do, and what
/// can be read is not lost.
struct DamageTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  var file: String { directory.path + "/understudy.sqlite" }

  func open(patience: Duration = .milliseconds(50)) throws -> SQLiteStateRepository {
    try SQLiteStateRepository(
      StateDirectory(path: directory.path, owner: "slot w-0"), reports: GateReportCodec(), patience: patience)
  }

  /// Records a state and closes it.
  func fill() throws {
    let repository = try open()
    for number in 0..<200 { try repository.setValue(String(repeating: "v", count: 500), named: "value \(number)") }
    try repository.commit(StateChange(state: SampleState.full), from: WorkerState())
  }

  func overwrite(_ path: String, at offset: UInt64, with bytes: Data) throws {
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try handle.seek(toOffset: offset)
    try handle.write(contentsOf: bytes)
    try handle.close()
  }

  func failure(_ body: () throws -> Void) -> StateError? {
    do { try body() } catch { return error as? StateError }
    return nil
  }

  // MARK: Damage

  @Test(
    "A database whose header, first, middle or last page is damaged, or that is cut short, is told with its file and what to do, and stays as it is",
    arguments: ["header", "first page", "middle page", "last page", "half"])
  func damaged(_ part: String) throws {
    try fill()
    let size = try #require(try FileManager.default.attributesOfItem(atPath: file)[.size] as? UInt64)
    let garbage = Data(repeating: 0xa5, count: 4096)
    switch part {
    case "header": try overwrite(file, at: 0, with: garbage.prefix(100))
    case "first page": try overwrite(file, at: 100, with: garbage.prefix(3996))
    case "middle page": try overwrite(file, at: size / 8192 * 4096, with: garbage)
    case "last page": try overwrite(file, at: size - 4096, with: garbage)
    default: try FileHandle(forUpdating: URL(fileURLWithPath: file)).truncate(atOffset: size / 8192 * 4096)
    }
    let before = try Data(contentsOf: URL(fileURLWithPath: file))
    let error = try #require(failure { _ = try open().load() })
    guard case .failed(let message) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(message.contains(file) && message.contains("put a copy of it back"), "\(message)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
  }

  @Test func `garbage in the journal beside the database costs nothing that was moved into the database`() throws {
    try fill()
    try Data((0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }).write(to: URL(fileURLWithPath: file + "-wal"))
    try Data(repeating: 0xa5, count: 40_000).write(to: URL(fileURLWithPath: file + "-shm"))
    let repository = try open()
    #expect(try repository.load() == SampleState.full)
    try repository.setValue("again", named: "value 3")
    #expect(try repository.value(named: "value 3") == "again")
  }

  // MARK: Locks

  @Test func `a database that another holds is waited for, and then told as another's`() throws {
    try fill()
    // Before the first look at the file: afterwards it takes no lock of the whole.
    var configuration = Configuration()
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
    let other = try DatabaseQueue(path: file, configuration: configuration)
    try other.write { try $0.execute(sql: "UPDATE setting SET value = 'x'") }
    let error = try #require(failure { _ = try open() })
    guard case .locked(let path, let owner) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(path == file && owner.contains("fuser \(file)"))
    #expect("\(error)".contains("stop the other one"))
    try other.close()
    #expect(try open().load() == SampleState.full)
  }

  @Test func `a write waits for a short one of another process`() throws {
    let repository = try open(patience: .seconds(30))
    let other = try DatabaseQueue(path: file)
    let (begun, release) = (Signal(), Signal())
    Thread {
      try? other.write { db in
        try db.execute(sql: "INSERT INTO setting VALUES ('other', 'x')")
        begun.signal()
        release.wait(atMost: .milliseconds(300))
      }
    }.start()
    #expect(begun.wait(atMost: .seconds(20)))
    try repository.setValue("ours", named: "mine")
    #expect(try repository.value(named: "other") == "x")
  }

  // MARK: Room

  /// SQLite's own bound on pages: SQLITE_FULL, as of a disk without room.
  @Test func `a state without room loses nothing, and takes the same move when there is room again`() throws {
    try fill()
    let repository = try open()
    try repository.limitPages(to: 1)
    var change = StateChange(state: SampleState.full)
    change.state.controlOffset += 1
    change.events = (0..<100).map { SampleState.event("e\($0)") }
    let error = try #require(failure { try repository.commit(change, from: SampleState.full) })
    guard case .full(let message) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(message.contains(file) && message.contains("make room"), "\(message)")
    #expect(try repository.load() == SampleState.full)
    #expect(try repository.pendingEvents(limit: 1).isEmpty)
    try repository.limitPages(to: 1_000_000)
    try repository.commit(change, from: SampleState.full)
    #expect(try repository.load() == change.state)
    #expect(try repository.pendingEvents(limit: 1000).count == 100)
  }

  // MARK: Schema

  @Test func `a state of the oldest schema opens with everything that it holds`() throws {
    let old = try DatabaseQueue(path: file)
    try Schema.migrator.migrate(old, upTo: "v1")
    try old.write { db in
      try db.execute(
        sql: """
          UPDATE worker SET control_offset = 42;
          INSERT INTO model (name, generation) VALUES ('loan', 3);
          INSERT INTO release VALUES ('loan', 'v1', 'sha256:1', 'sha256:a', 10, 'file:///1.tar', 'live', 'activate', 'c1', 1, 0, 7, 99,
            NULL, NULL);
          INSERT INTO command VALUES ('c1', 'model.ready', 'loan', 41, 'applied', NULL);
          INSERT INTO setting VALUES ('lanes', '3');
          """)
    }
    try old.close()
    let repository = try open()
    let state = try repository.load()
    #expect(state.controlOffset == 42)
    let ledger = try #require(state.models["loan"])
    #expect(ledger.generation == 3 && ledger.stoppedVersion == nil)
    let release = try #require(ledger.release("v1"))
    #expect(release.step == .live && release.sequence == 7 && release.attempts == 0 && release.report == nil)
    #expect(try repository.hasCommand("c1"))
    #expect(try repository.recordLanes(1) == 3)
  }
}
