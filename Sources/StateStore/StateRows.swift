import Domain
import GRDB

/// The worker's decisions as rows, and back. Only what differs from before is written.
struct StateRows {
  let reports: any GateReportCoding

  func load(_ db: Database) throws -> WorkerState {
    var state = WorkerState()
    if let row = try Row.fetchOne(db, sql: "SELECT * FROM worker") {
      state.controlOffset = row["control_offset"]
      state.consumePause = hold(row, "pause")
    }
    for row in try Row.fetchAll(db, sql: "SELECT * FROM model") {
      var ledger = ModelLedger(model: row["name"])
      ledger.generation = row["generation"]
      ledger.hold = hold(row, "hold")
      ledger.pause = hold(row, "pause")
      ledger.stoppedVersion = row["stopped_version"]
      if let version: String = row["pending_version"] {
        ledger.pendingSwitch = PendingSwitch(
          version: version, commandID: row["pending_command"], kind: try Self.member(row, "pending_kind"),
          sequence: row["pending_sequence"], ifCurrent: row["pending_if_current"])
      }
      ledger.releases = ReleaseList(
        try Row.fetchAll(
          db, sql: "SELECT * FROM release WHERE model = ? ORDER BY sequence", arguments: [ledger.model]
        ).map { try release($0) })
      ledger.activations = try Row.fetchAll(
        db, sql: "SELECT * FROM activation WHERE model = ? ORDER BY position", arguments: [ledger.model]
      ).map { try activation($0) }
      state.models[ledger.model] = ledger
    }
    return state
  }

  /// Writes what differs.
  /// - Returns: how many releases are forgotten.
  func save(_ state: WorkerState, over previous: WorkerState, in db: Database) throws -> Int {
    var forgotten = 0
    if state.controlOffset != previous.controlOffset || state.consumePause != previous.consumePause {
      let pause = state.consumePause
      try db.execute(
        sql: """
          UPDATE worker SET control_offset = ?, pause_command = ?, pause_reason = ?, pause_since = ?, pause_until = ?
          """,
        arguments: [state.controlOffset, pause?.commandID, pause?.reason, pause?.since, pause?.until])
    }
    for (model, ledger) in state.models {
      let old = previous.models[model]
      guard ledger != old else { continue }
      try saveModel(ledger, in: db)
      let before = Dictionary(uniqueKeysWithValues: (old?.releases ?? []).map { ($0.identity.version, $0) })
      for record in ledger.releases where before[record.identity.version] != record { try saveRelease(record, in: db) }
      let versions = Set(ledger.releases.map(\.identity.version))
      for version in before.keys where !versions.contains(version) {
        try db.execute(sql: "DELETE FROM release WHERE model = ? AND version = ?", arguments: [model, version])
        forgotten += 1
      }
      if ledger.activations != old?.activations { try saveActivations(ledger, over: old, in: db) }
    }
    return forgotten
  }

  // MARK: Rows out

  private func saveModel(_ ledger: ModelLedger, in db: Database) throws {
    try db.execute(
      sql: "INSERT OR REPLACE INTO model VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        ledger.model, ledger.generation,
        ledger.hold?.commandID, ledger.hold?.reason, ledger.hold?.since, ledger.hold?.until,
        ledger.pause?.commandID, ledger.pause?.reason, ledger.pause?.since, ledger.pause?.until,
        ledger.pendingSwitch?.version, ledger.pendingSwitch?.commandID, ledger.pendingSwitch?.kind.rawValue,
        ledger.pendingSwitch?.sequence, ledger.pendingSwitch?.ifCurrent, ledger.stoppedVersion,
      ])
  }

  private func saveRelease(_ record: ReleaseRecord, in db: Database) throws {
    // The events have told the whole report; what is remembered for years is small.
    let report = record.step.isOver ? record.report?.summary : record.report
    try db.execute(
      sql: "INSERT OR REPLACE INTO release VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        record.identity.model, record.identity.version, record.identity.digest, record.archiveDigest, record.size,
        record.uri, record.step.rawValue, record.intent.rawValue, record.commandID, record.isSettled,
        record.wasRolledBack, record.sequence, record.updatedAt,
        record.reason?.rawValue, record.message, record.attempts, record.retryAt, report.map(reports.encode),
        record.gatedAt,
      ])
  }

  /// Writes what differs: nearly always one of the last, of up to a thousand of which the first makes room for a new one.
  /// Positions only have to grow.
  private func saveActivations(_ ledger: ModelLedger, over old: ModelLedger?, in db: Database) throws {
    let before = old?.activations ?? []
    let gone = ledger.activations.first.flatMap(before.firstIndex) ?? before.count
    let kept = zip(ledger.activations, before.dropFirst(gone)).prefix { $0 == $1 }.count
    let first = try Int.fetchOne(
      db, sql: "SELECT MIN(position) FROM activation WHERE model = ?", arguments: [ledger.model])
    let start = (first ?? 0) + gone
    try db.execute(
      sql: "DELETE FROM activation WHERE model = ? AND (position < ? OR position >= ?)",
      arguments: [ledger.model, start, start + kept])
    for (position, activation) in ledger.activations.enumerated().dropFirst(kept) {
      try db.execute(
        sql: "INSERT INTO activation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          ledger.model, start + position, activation.version, activation.commandID, activation.kind.rawValue,
          activation.generation, activation.at, activation.fromVersion, activation.isPlanned, activation.isFromBacklog,
          activation.isConfirmed, activation.ifCurrent,
        ])
    }
  }

  // MARK: Rows in

  private func hold(_ row: Row, _ prefix: String) -> Hold? {
    guard let command: String = row["\(prefix)_command"] else { return nil }
    return Hold(
      commandID: command, reason: row["\(prefix)_reason"] ?? "", since: row["\(prefix)_since"] ?? 0,
      until: row["\(prefix)_until"])
  }

  private func release(_ row: Row) throws -> ReleaseRecord {
    let identity = ReleaseIdentity(model: row["model"], version: row["version"], digest: row["digest"])
    let ready = ModelReady(
      identity: identity, archiveDigest: row["archive_digest"], size: row["size"], uri: row["uri"])
    var record = ReleaseRecord(
      ready, intent: try Self.member(row, "intent"), commandID: row["command_id"], sequence: row["sequence"],
      at: row["updated_at"])
    record.step = try Self.member(row, "step")
    record.isSettled = row["settled"]
    record.wasRolledBack = row["rolled_back"]
    record.reason = try Self.optionalMember(row, "reason")
    record.message = row["message"]
    record.attempts = row["attempts"]
    record.retryAt = row["retry_at"]
    record.report = (row["report"] as String?).flatMap(reports.decode)
    record.gatedAt = row["gated_at"]
    return record
  }

  private func activation(_ row: Row) throws -> Activation {
    var activation = Activation(
      version: row["version"], commandID: row["command_id"], kind: try Self.member(row, "kind"), at: row["at"],
      isFromBacklog: row["backlog"], ifCurrent: row["if_current"])
    activation.generation = row["generation"]
    activation.fromVersion = row["from_version"]
    activation.isPlanned = row["planned"]
    activation.isConfirmed = row["confirmed"]
    return activation
  }

  /// A member of a closed list, or nil for null.
  static func optionalMember<Member: RawRepresentable>(_ row: Row, _ column: String) throws -> Member?
  where Member.RawValue == String {
    (row[column] as String?) == nil ? nil : try member(row, column)
  }

  /// A member of a closed list, or an error that says that a newer build wrote the row.
  static func member<Member: RawRepresentable>(_ row: Row, _ column: String) throws -> Member
  where Member.RawValue == String {
    let text: String = row[column] ?? ""
    guard let member = Member(rawValue: text) else {
      throw StateError.failed(
        "column \(column) holds \(text), which this build does not know: the state is of a newer build")
    }
    return member
  }
}
