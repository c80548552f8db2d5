import Domain
import Foundation
import Wire

/// Answers as JSON lines, each `{"row":…,` and then the answer.
final class AnswerLines: AnswerOutput {
  private let place: AnswerPlace
  private let handle: FileHandle

  private var path: String { place.path }

  /// Opens a file, or makes one; `-` is standard output.
  /// - Parameter restarts: whether what is there is thrown away.
  init(_ place: AnswerPlace, restarts: Bool) throws(CommandFailure) {
    self.place = place
    let path = place.path
    guard path != "-" else {
      handle = .standardOutput
      return
    }
    if !place.exists { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    let opened = place.isStream ? FileHandle(forWritingAtPath: path) : FileHandle(forUpdatingAtPath: path)
    guard let opened else { throw .usage("--output \(path): cannot be written") }
    handle = opened
    guard restarts, !place.isStream else { return }
    do { try handle.truncate(atOffset: 0) } catch { throw .failed("--output \(path): \(error.localizedDescription)") }
  }

  func resumed() throws(CommandFailure) -> ResumedAnswers? {
    guard !place.isStream else { return nil }
    var reader = try LineReader(path)
    var (last, whole, count): ([UInt8]?, Int64, Int64) = (nil, 0, 0)
    var cut: [UInt8] = []
    while let line = try reader.next() {
      // A line without an end was cut.
      guard reader.bytesRead <= reader.bytes ?? 0 else {
        cut = line
        break
      }
      (last, whole, count) = (line, reader.bytesRead, reader.lines)
    }
    var resumed: ResumedAnswers?
    if let last { resumed = try self.resumed(last, row: count) }
    // Nothing is thrown away before it is known to be ours.
    guard Self.isBeginning(cut, ofRow: count + 1) else { throw foreign }
    do {
      if !cut.isEmpty { try handle.truncate(atOffset: UInt64(whole)) }
      try handle.seekToEnd()
    } catch { throw .failed("--output \(path): \(error.localizedDescription)") }
    return resumed
  }

  private func resumed(_ line: [UInt8], row: Int64) throws(CommandFailure) -> ResumedAnswers {
    let answer = Self.answer(line, row)
    guard Self.isBeginning(line, ofRow: row), let stored = try? StoredAnswer(answer, member: "", names: []) else {
      throw foreign
    }
    return ResumedAnswers(row: row, identity: stored.release, answer: answer)
  }

  private var foreign: CommandFailure {
    .failed("--output \(path): is no file of answers, or not a whole one; use another name, or --restart to replace it")
  }

  /// Whether a line, or what there is of it, is that of a row.
  private static func isBeginning(_ line: [UInt8], ofRow row: Int64) -> Bool {
    // A file system may have kept the length and not the content of what was written when the power failed.
    zip(line, head(row)).allSatisfy { $0 == $1 } || line.allSatisfy { $0 == 0 }
  }

  private static func head(_ row: Int64) -> [UInt8] { Array("{\"row\":\(row),".utf8) }

  private static func answer(_ line: [UInt8], _ row: Int64) -> [UInt8] {
    [UInt8(ascii: "{")] + line.dropFirst(head(row).count)
  }

  func append(_ answers: [[UInt8]], first row: Int64) throws(CommandFailure) {
    var text: [UInt8] = []
    for (number, answer) in answers.enumerated() {
      text += Self.head(row + Int64(number))
      text += answer.dropFirst()
      text.append(UInt8(ascii: "\n"))
    }
    do { try handle.write(contentsOf: text) } catch {
      throw .failed("--output \(path): \(error.localizedDescription)")
    }
  }

  func finish() throws(CommandFailure) {
    guard !place.isStream else { return }
    do { try handle.synchronize() } catch { throw .failed("--output \(path): \(error.localizedDescription)") }
  }
}
