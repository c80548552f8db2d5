import Domain
import Foundation
import Wire

/// Answers as JSON lines, each `{"row":…,` and then the answer.
final class AnswerLines: AnswerOutput {
  private let path: String
  private let handle: FileHandle

  /// Opens a file, or makes one; `-` is standard output.
  /// - Parameter restarts: whether what is there is thrown away.
  init(_ path: String, restarts: Bool) throws(CommandFailure) {
    self.path = path
    guard path != "-" else {
      handle = .standardOutput
      return
    }
    if restarts || !FileManager.default.fileExists(atPath: path) {
      guard FileManager.default.createFile(atPath: path, contents: nil) else {
        throw .usage("--output \(path): cannot be written")
      }
    }
    guard let handle = FileHandle(forUpdatingAtPath: path) else { throw .usage("--output \(path): cannot be written") }
    self.handle = handle
  }

  func resumed() throws(CommandFailure) -> ResumedAnswers? {
    guard path != "-" else { return nil }
    var reader = try LineReader(path)
    var (last, whole): ([UInt8]?, Int64) = (nil, 0)
    // A line that was cut has no end, and goes.
    while let line = try reader.next(), reader.bytesRead <= reader.bytes ?? 0 { (last, whole) = (line, reader.bytesRead) }
    do {
      try handle.truncate(atOffset: UInt64(whole))
      try handle.seekToEnd()
    } catch { throw .failed("--output \(path): \(error.localizedDescription)") }
    guard let last else { return nil }
    guard let json = try? JSON(parsing: last), case .integer(let row)? = json["row"], row == reader.lines - (cut(reader) ? 1 : 0),
      case .text(let model)? = json["model"], case .text(let version)? = json["version"],
      case .text(let digest)? = json["digest"]
    else {
      throw .failed("--output \(path): is no file of answers, or not a whole one; use another name, or --restart to replace it")
    }
    return ResumedAnswers(
      row: row, identity: ReleaseIdentity(model: model, version: version, digest: digest),
      answer: Self.answer(last, row))
  }

  /// Whether the last line has no end.
  private func cut(_ reader: LineReader) -> Bool { reader.bytesRead > reader.bytes ?? 0 }

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
    guard path != "-" else { return }
    do { try handle.synchronize() } catch { throw .failed("--output \(path): \(error.localizedDescription)") }
  }
}
