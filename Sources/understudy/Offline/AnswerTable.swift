import Domain
import Foundation
import StateStore
import Wire

/// Answers in an SQLite database.
final class AnswerTable: AnswerOutput {
  private let path: String
  private let database: AnswerDatabase
  private let identity: ReleaseIdentity
  private let member: String
  private let names: [String]

  /// Opens a database, or makes one.
  /// - Parameters:
  ///   - restarts: whether what is there is thrown away.
  ///   - member: what an answer calls its values, `outputs` or `features`.
  init(
    _ place: AnswerPlace, restarts: Bool, identity: ReleaseIdentity, member: String, names: [String]
  ) throws(CommandFailure) {
    path = place.path
    guard !place.isStream else { throw .usage("--output \(path): is no file; a database needs one") }
    self.identity = identity
    self.member = member
    self.names = names
    if restarts {
      for suffix in ["", "-wal", "-shm", "-journal"] {
        try? FileManager.default.removeItem(atPath: place.file + suffix)
      }
    }
    do throws(StateError) {
      database = try AnswerDatabase(path: path, prefix: member == "outputs" ? "output_" : "feature_", columns: names)
    } catch {
      throw .failed(
        "--output \(path): \(error); use another name, or --restart to replace it")
    }
  }

  func resumed() throws(CommandFailure) -> ResumedAnswers? {
    do throws(StateError) {
      return try database.last().map {
        ResumedAnswers(row: $0.number, identity: $0.identity, answer: Array($0.answer.utf8))
      }
    } catch { throw .failed("--output \(path): \(error)") }
  }

  func append(_ answers: [[UInt8]], first row: Int64) throws(CommandFailure) {
    var rows: [AnswerDatabase.Row] = []
    for (number, answer) in answers.enumerated() {
      do throws(WireError) {
        let stored = try StoredAnswer(answer, member: member, names: names)
        rows.append(
          AnswerDatabase.Row(
            number: row + Int64(number), identifier: stored.identifier, status: stored.status, reason: stored.reason,
            message: stored.message,
            values: stored.values.map { value in
              switch value {
              case .scalar(let value)?: value
              case .array(let text)?: .text(text)
              case nil: nil
              }
            },
            answer: String(decoding: answer, as: UTF8.self)))
      } catch { throw .failed("row \(row + Int64(number)): the answer cannot be read back: \(error)") }
    }
    do throws(StateError) { try database.append(rows, by: identity) } catch {
      throw .failed("--output \(path): \(error)")
    }
  }

  func finish() throws(CommandFailure) {}
}
