import Domain
import GRDB

/// What SQLite's errors mean to a worker, and what is to be done about them.
struct StateFailure {
  /// The database's file.
  let path: String
  /// How long another's lock is waited for.
  let patience: Duration

  /// The room's error for whatever a call has thrown.
  /// - Parameter what: what was tried, e.g. `record a move`.
  func error(_ error: any Error, whileTrying what: String) -> StateError {
    if let error = error as? StateError {
      return .failed("cannot \(what): \(error)")
    }
    let place = what.hasSuffix(path) ? "" : "\(path): "
    guard let failure = error as? DatabaseError else { return .failed("cannot \(what): \(place)\(error)") }
    let message = "cannot \(what): \(place)\(failure.message ?? "SQLite error \(failure.extendedResultCode.rawValue)")"
    switch failure.extendedResultCode {
    // A quota, or a limit on a file's size, looks like a failed write; so does memory that SQLite shares in a file.
    case .SQLITE_IOERR_WRITE, .SQLITE_IOERR_SHMSIZE:
      return .full("\(message); make room on its disk, or see the system's log if there is some")
    default: break
    }
    switch failure.resultCode {
    case .SQLITE_FULL: return .full("\(message); make room on its disk")
    case .SQLITE_BUSY:
      return .locked(path: path, owner: "a process that has locked the database, `fuser \(path)` names it")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: return .failed("\(message); \(Self.damage)")
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
      return .failed("\(message); this user must be able to write to the file and its directory")
    default: return .failed(message)
    }
  }

  /// Turns what a call throws into the room's error.
  func mapped<Value>(_ what: String, _ body: () throws -> Value) throws(StateError) -> Value {
    do { return try body() } catch { throw self.error(error, whileTrying: what) }
  }

  /// What can be done about a damaged file.
  static let damage =
    "the file is damaged: put a copy of it back, or move it and those beside it that begin with its name away, and the worker "
    + "reads the control topic from its beginning"
}
