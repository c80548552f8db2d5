import GRDB

/// The tables, by migrations that are only ever added to.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("v1") { db in
      try db.execute(
        sql: """
          CREATE TABLE worker (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            control_offset INTEGER NOT NULL,
            pause_command TEXT, pause_reason TEXT, pause_since INTEGER, pause_until INTEGER
          ) STRICT;
          INSERT INTO worker (id, control_offset) VALUES (1, 0);

          CREATE TABLE model (
            name TEXT PRIMARY KEY,
            generation INTEGER NOT NULL,
            hold_command TEXT, hold_reason TEXT, hold_since INTEGER, hold_until INTEGER,
            pause_command TEXT, pause_reason TEXT, pause_since INTEGER, pause_until INTEGER,
            pending_version TEXT, pending_command TEXT, pending_kind TEXT, pending_sequence INTEGER, pending_if_current TEXT
          ) STRICT;

          CREATE TABLE release (
            model TEXT NOT NULL, version TEXT NOT NULL, digest TEXT NOT NULL,
            archive_digest TEXT NOT NULL, size INTEGER NOT NULL, uri TEXT NOT NULL,
            step TEXT NOT NULL, intent TEXT NOT NULL, command_id TEXT NOT NULL,
            settled INTEGER NOT NULL, rolled_back INTEGER NOT NULL,
            sequence INTEGER NOT NULL, updated_at INTEGER NOT NULL, reason TEXT, message TEXT,
            PRIMARY KEY (model, version)
          ) STRICT;

          CREATE TABLE activation (
            model TEXT NOT NULL, position INTEGER NOT NULL,
            version TEXT NOT NULL, command_id TEXT, kind TEXT NOT NULL,
            generation INTEGER NOT NULL, at INTEGER NOT NULL, from_version TEXT,
            planned INTEGER NOT NULL, backlog INTEGER NOT NULL, confirmed INTEGER NOT NULL, if_current TEXT,
            PRIMARY KEY (model, position)
          ) STRICT;

          CREATE TABLE command (
            id TEXT PRIMARY KEY, kind TEXT, model TEXT,
            control_offset INTEGER NOT NULL, outcome TEXT NOT NULL, reason TEXT
          ) STRICT;
          CREATE INDEX command_by_offset ON command (control_offset);

          CREATE TABLE outbox (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL, type TEXT NOT NULL, time INTEGER NOT NULL,
            command_id TEXT, model TEXT, version TEXT, from_version TEXT, digest TEXT, generation INTEGER,
            worker TEXT NOT NULL, worker_group TEXT NOT NULL,
            outcome TEXT, reason TEXT, message TEXT, timings TEXT NOT NULL, first_offsets TEXT
          ) STRICT;

          CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
          """)
    }
    migrator.registerMigration("v2") { db in
      try db.execute(
        sql: """
          ALTER TABLE model ADD COLUMN stopped_version TEXT;
          ALTER TABLE release ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
          ALTER TABLE release ADD COLUMN retry_at INTEGER;
          ALTER TABLE release ADD COLUMN report TEXT;
          ALTER TABLE release ADD COLUMN gated_at INTEGER;
          ALTER TABLE outbox ADD COLUMN cause TEXT;
          ALTER TABLE outbox ADD COLUMN report TEXT;
          """)
    }
    return migrator
  }
}
