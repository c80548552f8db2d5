import Domain
import Foundation
import GRDB

/// Answers to the rows of a file, in an SQLite database: one table `answers`, one row a row.
///
/// Each has the model, version and digest of the release that made it. What a batch brings is written in one
/// transaction, so that a run that was cut goes on behind its last row.
package final class AnswerDatabase {
  private let queue: DatabaseQueue
  private let insertion: String

  /// What is kept of one row.
  package struct Row: Sendable {
    /// From 1.
    package var number: Int64
    package var identifier: String
    package var status: String
    package var reason: String?
    package var message: String?
    /// By position of the columns.
    package var values: [Value?]
    /// The whole answer as JSON.
    package var answer: String

    /// A row.
    package init(
      number: Int64, identifier: String, status: String, reason: String?, message: String?, values: [Value?],
      answer: String
    ) {
      self.number = number
      self.identifier = identifier
      self.status = status
      self.reason = reason
      self.message = message
      self.values = values
      self.answer = answer
    }
  }

  /// Opens a database, or makes one.
  /// - Parameter columns: names of the columns of values; each begins with `prefix`.
  package init(path: String, prefix: String, columns: [String]) throws(StateError) {
    let names = columns.map { Self.quoted("\(prefix)\($0)") }
    insertion = """
      INSERT INTO answers (row, id, status, reason, message, model, version, digest, answer\(names.map { ", \($0)" }.joined()))
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?\(String(repeating: ", ?", count: names.count)))
      """
    do {
      // Others may look at it meanwhile.
      var configuration = Configuration()
      configuration.busyMode = .timeout(10)
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.write { db in
        try db.execute(
          sql: """
            CREATE TABLE IF NOT EXISTS answers (
              row INTEGER PRIMARY KEY, id TEXT NOT NULL, status TEXT NOT NULL, reason TEXT, message TEXT,
              model TEXT NOT NULL, version TEXT NOT NULL, digest TEXT NOT NULL, answer TEXT NOT NULL\(names.map { ", \($0)" }.joined())
            )
            """)
      }
      let found = try queue.read { db in try db.columns(in: "answers").map(\.name) }
      let expected =
        ["row", "id", "status", "reason", "message", "model", "version", "digest", "answer"]
        + columns.map { "\(prefix)\($0)" }
      guard found == expected else {
        throw StateError.failed("its table `answers` has the columns \(found.joined(separator: ", "))")
      }
    } catch let error as StateError { throw error } catch { throw .failed("\(error)") }
  }

  /// The last row, and who made it; nil if there is none.
  package func last() throws(StateError) -> (number: Int64, identity: ReleaseIdentity, answer: String)? {
    try reading { db in
      try GRDB.Row.fetchOne(
        db, sql: "SELECT row, model, version, digest, answer FROM answers ORDER BY row DESC LIMIT 1"
      )
      .map { row in (row[0], ReleaseIdentity(model: row[1], version: row[2], digest: row[3]), row[4]) }
    }
  }

  /// All rows as texts by column, null left out, in their order: for small tables.
  package func rows() throws(StateError) -> [[String: String]] {
    try reading { db in
      try GRDB.Row.fetchAll(db, sql: "SELECT * FROM answers ORDER BY row").map { row in
        row.reduce(into: [:]) { texts, cell in
          if !cell.1.isNull { texts[cell.0] = String.fromDatabaseValue(cell.1) ?? "\(cell.1)" }
        }
      }
    }
  }

  /// Adds rows, all or none.
  package func append(_ rows: [Row], by identity: ReleaseIdentity) throws(StateError) {
    do {
      try queue.write { db in
        let statement = try db.cachedStatement(sql: insertion)
        for row in rows {
          let fixed: [(any DatabaseValueConvertible)?] = [
            row.number, row.identifier, row.status, row.reason, row.message, identity.model, identity.version,
            identity.digest, row.answer,
          ]
          try statement.execute(arguments: StatementArguments(fixed + row.values.map { $0?.databaseValue }))
        }
      }
    } catch { throw .failed("\(error)") }
  }

  private func reading<Result>(_ body: (Database) throws -> Result) throws(StateError) -> Result {
    do { return try queue.read(body) } catch { throw .failed("\(error)") }
  }

  private static func quoted(_ name: String) -> String { "\"\(name.replacingOccurrences(of: "\"", with: "\"\""))\"" }
}

extension Value {
  /// As SQLite holds it: truth values are 0 and 1.
  fileprivate var databaseValue: any DatabaseValueConvertible {
    switch self {
    case .bool(let value): value
    case .int64(let value): value
    case .number(let value): value
    case .text(let value): value
    }
  }
}
