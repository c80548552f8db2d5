import Domain
import Foundation

/// Reads a file, or standard input, line by line, without holding more of it than a piece and a line.
struct LineReader {
  private let handle: FileHandle
  private let path: String
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false
  /// Ends a wait for what has no size: a terminal, a pipe.
  private let interruption: Interruption?
  /// Lines given out so far.
  private(set) var lines: Int64 = 0
  /// Bytes given out so far, and of the whole file; nil for what has no size.
  private(set) var bytesRead: Int64 = 0
  let bytes: Int64?

  /// How much of the file was given out, from 0 to 1; nil for what has no size.
  var share: Double? { bytes.map { $0 == 0 ? 1 : min(1, Double(bytesRead) / Double($0)) } }

  /// Opens a file; `-` is standard input.
  init(_ path: String, _ interruption: Interruption? = nil) throws(CommandFailure) {
    self.path = path
    self.interruption = interruption
    guard path != "-" else {
      handle = .standardInput
      bytes = nil
      return
    }
    // A pipe that nobody writes to is waited for.
    let open = { FileHandle(forReadingAtPath: path) }
    guard let handle = interruption.map({ $0.whileWaiting(open) }) ?? open() else {
      throw .usage("--input \(path): cannot be read; expected a file of rows, or - for standard input")
    }
    self.handle = handle
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    let isFile = attributes?[.type] as? FileAttributeType == .typeRegular
    if attributes?[.type] as? FileAttributeType == .typeDirectory {
      throw .usage("--input \(path): is a directory; expected a file of rows, or - for standard input")
    }
    bytes = isFile ? (attributes?[.size] as? NSNumber)?.int64Value : nil
  }

  /// The next line without its end; nil at the end of the file.
  mutating func next() throws(CommandFailure) -> [UInt8]? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) { return line(upTo: end) }
      searched = buffer.count
      guard buffer.count - start <= Limits.rowBytes else {
        throw .failed("\(path):\(lines + 1): the row has more than \(Limits.rowBytes) bytes")
      }
      if isAtEnd { return start < buffer.count ? line(upTo: buffer.count) : nil }
      buffer.removeSubrange(..<start)
      (start, searched) = (0, searched - start)
      do {
        let read = { [handle] in try handle.read(upToCount: Limits.pieceBytes) ?? Data() }
        let piece = if bytes == nil, let interruption { try interruption.whileWaiting(read) } else { try read() }
        isAtEnd = piece.isEmpty
        buffer += piece
      } catch { throw .failed("\(path): \(error.localizedDescription)") }
    }
  }

  private mutating func line(upTo end: Int) -> [UInt8] {
    let line = buffer[start..<end]
    bytesRead += Int64(end + 1 - start)
    start = min(end + 1, buffer.count)
    lines += 1
    return Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
  }
}
