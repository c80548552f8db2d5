import Domain
import Foundation
import GRDB

/// The worker's memory in SQLite: `understudy.sqlite` in the state directory.
///
/// Every move is one transaction with its commands and events, on disk (`synchronous = FULL`) before the call returns.
package final class SQLiteStateRepository: StateRepository {
  private let directory: StateDirectory
  private let database: DatabaseQueue
  private let states: StateRows
  private let events: EventRows
  private let failure: StateFailure
  private let dropped: @Sendable (Bound, Int) -> Void

  /// Opens the state in a locked directory, creating or migrating it.
  /// - Parameters:
  ///   - reports: the notation of the gate's reports.
  ///   - patience: how long a lock is waited for that another process holds on the database.
  ///   - dropped: told how much a recorded move has dropped because a bound was reached, on the thread of `commit`.
  package init(
    _ directory: StateDirectory, reports: any GateReportCoding,
    patience: Duration = .seconds(Limits.stateLockSeconds),
    dropped: @escaping @Sendable (Bound, Int) -> Void = { _, _ in }
  ) throws(StateError) {
    self.directory = directory
    self.dropped = dropped
    states = StateRows(reports: reports)
    events = EventRows(reports: reports)
    let path = directory.path + "/understudy.sqlite"
    let failure = StateFailure(path: path, patience: patience)
    self.failure = failure
    try Self.inspect(path, failure)
    database = try failure.mapped("open \(path)") {
      var configuration = Configuration()
      configuration.journalMode = .wal
      configuration.busyMode = .timeout(failure.patience / .seconds(1))
      // Before there is anything in it: the files beside it get what it has.
      if !FileManager.default.fileExists(atPath: path) {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
      }
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      let database = try DatabaseQueue(path: path, configuration: configuration)
      // Not when a connection is prepared: the library sets its own for WAL afterwards.
      try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      try Schema.migrator.migrate(database)
      return database
    }
  }

  /// A setting of the connection by SQLite's name: for tests.
  func setting(_ name: String) throws(StateError) -> Int? {
    try failure.mapped("read a setting") { try database.read { try Int.fetchOne($0, sql: "PRAGMA \(name)") } }
  }

  /// Bounds the database, as a disk without room does: for tests.
  func limitPages(to count: Int) throws(StateError) {
    try failure.mapped("bound the state") {
      try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(count)") }
    }
  }

  /// Looks at what is there before anything is written to it. A page that is damaged would otherwise be found when it is
  /// needed, in the middle of something.
  private static func inspect(_ path: String, _ failure: StateFailure) throws(StateError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    try failure.mapped("open \(path)") {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(failure.patience / .seconds(1))
      let database = try DatabaseQueue(path: path, configuration: configuration)
      let problems = try database.read { try String.fetchAll($0, sql: "PRAGMA quick_check(1)") }
      guard problems == ["ok"] else {
        let found = problems.joined(separator: " ").split(separator: "\n").last ?? ""
        throw StateError.failed("\(found); \(StateFailure.damage)")
      }
      guard try !database.read(Schema.migrator.hasBeenSuperseded) else {
        throw StateError.failed(
          "its tables are of a newer build; run that build, or give this one a `state` of its own")
      }
    }
  }

  package func load() throws(StateError) -> WorkerState {
    try failure.mapped("read the state") { try database.read(states.load) }
  }

  package func commit(_ change: StateChange, from previous: WorkerState) throws(StateError) {
    let counts = try failure.mapped("record a move") {
      try database.write { db in
        var counts: [Bound: Int] = [:]
        counts[.releasesRemembered] = try states.save(change.state, over: previous, in: db)
        for command in change.commands { try CommandRows.save(command, in: db) }
        for event in change.events { try events.append(event, in: db) }
        if !change.commands.isEmpty { counts[.commandsRemembered] = try CommandRows.trim(in: db) }
        if !change.events.isEmpty { counts[.outboxEvents] = try EventRows.trim(in: db) }
        FailPoint.recording.reach()
        return counts
      }
    }
    FailPoint.recorded.reach()
    for (bound, count) in counts where count > 0 { dropped(bound, count) }
  }

  package func hasCommand(_ id: String) throws(StateError) -> Bool {
    try failure.mapped("look up a command") {
      try database.read { try Bool.fetchOne($0, sql: "SELECT 1 FROM command WHERE id = ?", arguments: [id]) ?? false }
    }
  }

  package func pendingEvents(limit: Int) throws(StateError) -> [StoredEvent] {
    try failure.mapped("read the outbox") { try database.read { try events.first(limit, in: $0) } }
  }

  package func removeEvents(upTo position: Int64) throws(StateError) {
    try failure.mapped("empty the outbox") {
      try database.write { try $0.execute(sql: "DELETE FROM outbox WHERE position <= ?", arguments: [position]) }
    }
  }

  package func recordLanes(_ count: Int) throws(StateError) -> Int {
    let highest = max(count, Int(try value(named: "lanes") ?? "") ?? 0)
    try setValue(String(highest), named: "lanes")
    return highest
  }

  package func value(named name: String) throws(StateError) -> String? {
    try failure.mapped("read \(name)") {
      try database.read { try String.fetchOne($0, sql: "SELECT value FROM setting WHERE name = ?", arguments: [name]) }
    }
  }

  package func setValue(_ value: String, named name: String) throws(StateError) {
    try failure.mapped("write \(name)") {
      try database.write {
        try $0.execute(sql: "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", arguments: [name, value])
      }
    }
  }
}
