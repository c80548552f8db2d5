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
  private let dropped: @Sendable (Bound, Int) -> Void

  /// Opens the state in a locked directory, creating or migrating it.
  /// - Parameters:
  ///   - reports: the notation of the gate's reports.
  ///   - dropped: told how much a recorded move has dropped because a bound was reached, on the thread of `commit`.
  package init(
    _ directory: StateDirectory, reports: any GateReportCoding,
    dropped: @escaping @Sendable (Bound, Int) -> Void = { _, _ in }
  ) throws(StateError) {
    self.directory = directory
    self.dropped = dropped
    states = StateRows(reports: reports)
    events = EventRows(reports: reports)
    let path = directory.path + "/understudy.sqlite"
    database = try Self.attempt("open \(path)") {
      var configuration = Configuration()
      configuration.journalMode = .wal
      configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      let database = try DatabaseQueue(path: path, configuration: configuration)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      if try database.read(Schema.migrator.hasBeenSuperseded) {
        throw StateError.failed(
          "its tables are of a newer build; run that build, or give this one a `state` of its own")
      }
      try Schema.migrator.migrate(database)
      return database
    }
  }

  /// Turns what GRDB throws into the room's error.
  private static func attempt<Value>(_ what: String, _ body: () throws -> Value) throws(StateError) -> Value {
    do { return try body() } catch {
      throw .failed("cannot \(what): \(error)")
    }
  }

  package func load() throws(StateError) -> WorkerState {
    try Self.attempt("read the state") { try database.read(states.load) }
  }

  package func commit(_ change: StateChange, from previous: WorkerState) throws(StateError) {
    let counts = try Self.attempt("record a move") {
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
    try Self.attempt("look up a command") {
      try database.read { try Bool.fetchOne($0, sql: "SELECT 1 FROM command WHERE id = ?", arguments: [id]) ?? false }
    }
  }

  package func pendingEvents(limit: Int) throws(StateError) -> [StoredEvent] {
    try Self.attempt("read the outbox") { try database.read { try events.first(limit, in: $0) } }
  }

  package func removeEvents(upTo position: Int64) throws(StateError) {
    try Self.attempt("empty the outbox") {
      try database.write { try $0.execute(sql: "DELETE FROM outbox WHERE position <= ?", arguments: [position]) }
    }
  }

  package func recordLanes(_ count: Int) throws(StateError) -> Int {
    let highest = max(count, Int(try value(named: "lanes") ?? "") ?? 0)
    try setValue(String(highest), named: "lanes")
    return highest
  }

  package func value(named name: String) throws(StateError) -> String? {
    try Self.attempt("read \(name)") {
      try database.read { try String.fetchOne($0, sql: "SELECT value FROM setting WHERE name = ?", arguments: [name]) }
    }
  }

  package func setValue(_ value: String, named name: String) throws(StateError) {
    try Self.attempt("write \(name)") {
      try database.write {
        try $0.execute(sql: "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", arguments: [name, value])
      }
    }
  }
}
