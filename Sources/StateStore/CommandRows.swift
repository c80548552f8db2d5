import Domain
import GRDB

/// Commands that were read, so that a repeat is known.
enum CommandRows {
  static func save(_ command: CommandRecord, in db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO command (id, kind, model, control_offset, outcome, reason) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason
        """,
      arguments: [
        command.id, command.kind?.rawValue, command.model, command.controlOffset, command.outcome.rawValue,
        command.reason?.rawValue,
      ])
  }

  /// Keeps the newest `Limits.commandsRemembered`.
  /// - Returns: how many commands are forgotten.
  static func trim(in db: Database) throws -> Int {
    try db.execute(
      sql: """
        DELETE FROM command WHERE control_offset <=
          (SELECT control_offset FROM command ORDER BY control_offset DESC LIMIT 1 OFFSET ?)
        """,
      arguments: [Limits.commandsRemembered])
    return db.changesCount
  }
}
