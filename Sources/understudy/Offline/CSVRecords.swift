import Domain

/// Reads the records of a CSV file (RFC 4180), one at a time, over bytes: only what the standard calls a separator is one.
///
/// A quoted cell may hold commas, line breaks and doubled quotation marks; in a cell that does not begin with one a
/// quotation mark is text. Lines without anything are passed over.
struct CSVRecords {
  private var reader: LineReader
  private let path: String

  /// One record.
  struct Record {
    /// The line that it begins on, from 1.
    var line: Int64
    /// As they are written, quotation marks taken off.
    var cells: [[UInt8]] = []
    /// What is wrong with it.
    var problem: String?
  }

  init(_ reader: LineReader, path: String) {
    self.reader = reader
    self.path = path
  }

  /// How much of the file was read, from 0 to 1; nil for what has no size.
  var share: Double? { reader.share }

  /// The next record; nil at the end.
  mutating func next() throws(CommandFailure) -> Record? {
    while let line = try reader.next() {
      if !line.isEmpty { return try record(line) }
    }
    return nil
  }

  private mutating func record(_ first: [UInt8]) throws(CommandFailure) -> Record {
    var record = Record(line: reader.lines)
    var line = first
    var at = 0
    while true {
      var cell: [UInt8] = []
      if at < line.count, line[at] == Self.quote {
        at += 1
        try quoted(&cell, &line, &at, &record)
      } else {
        let end = line[at...].firstIndex(of: Self.comma) ?? line.count
        cell += line[at..<end]
        at = end
      }
      record.cells.append(cell)
      guard at < line.count else { return record }
      at += 1
    }
  }

  /// Reads a cell from behind its quotation mark up to what separates it from the next one.
  private mutating func quoted(
    _ cell: inout [UInt8], _ line: inout [UInt8], _ at: inout Int, _ record: inout Record
  ) throws(CommandFailure) {
    while true {
      guard at < line.count else {
        guard cell.count <= Limits.rowBytes, let next = try reader.next() else {
          throw .failed("\(path):\(record.line): a quotation mark is opened and never closed")
        }
        cell.append(UInt8(ascii: "\n"))
        (line, at) = (next, 0)
        continue
      }
      let byte = line[at]
      at += 1
      if byte != Self.quote {
        cell.append(byte)
      } else if at < line.count, line[at] == Self.quote {
        cell.append(byte)
        at += 1
      } else {
        let end = line[at...].firstIndex(of: Self.comma) ?? line.count
        if end > at { record.problem = "cell \(record.cells.count + 1): text behind its closing quotation mark" }
        at = end
        return
      }
    }
  }

  private static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")
}
