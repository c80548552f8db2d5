import Domain
import GRDB

/// The outbox: events that the broker has not acknowledged yet.
struct EventRows {
  let reports: any GateReportCoding

  func append(_ event: Event, in db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO outbox (id, type, time, command_id, model, version, from_version, digest, generation, worker, worker_group,
          outcome, reason, message, timings, first_offsets, cause, report)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        event.id, event.type.rawValue, event.time, event.commandID, event.model, event.version, event.fromVersion,
        event.digest, event.generation, event.worker, event.group, event.outcome, event.reason?.rawValue, event.message,
        Self.text(event.timings), event.firstOffsets.map(Self.text), event.cause, event.report.map(reports.encode),
      ])
  }

  func first(_ limit: Int, in db: Database) throws -> [StoredEvent] {
    try Row.fetchAll(db, sql: "SELECT * FROM outbox ORDER BY position LIMIT ?", arguments: [limit]).map { row in
      var event = Event(
        id: row["id"], type: try StateRows.member(row, "type"), time: row["time"], worker: row["worker"],
        group: row["worker_group"])
      event.commandID = row["command_id"]
      event.model = row["model"]
      event.version = row["version"]
      event.fromVersion = row["from_version"]
      event.digest = row["digest"]
      event.generation = row["generation"]
      event.outcome = row["outcome"]
      event.reason = try StateRows.optionalMember(row, "reason")
      event.message = row["message"]
      event.timings = Self.pairs(row["timings"]).compactMapValues(Double.init)
      event.firstOffsets = (row["first_offsets"] as String?).map { Self.pairs($0).compactMapValues(Int64.init) }
      event.cause = row["cause"]
      event.report = (row["report"] as String?).flatMap(reports.decode)
      return StoredEvent(position: row["position"], event: event)
    }
  }

  /// Keeps the newest `Limits.outboxEvents`.
  /// - Returns: how many events are lost.
  static func trim(in db: Database) throws -> Int {
    try db.execute(
      sql: "DELETE FROM outbox WHERE position <= (SELECT MAX(position) FROM outbox) - ?",
      arguments: [Limits.outboxEvents])
    return db.changesCount
  }

  /// Steps and partitions have neither spaces nor equals signs in their names.
  private static func text<Number: CustomStringConvertible>(_ values: [String: Number]) -> String {
    values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }

  private static func pairs(_ text: String) -> [String: String] {
    text.split(separator: " ").reduce(into: [:]) { result, pair in
      let parts = pair.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
    }
  }
}
