import Domain
import Foundation
import SwiftCSV
import Wire

/// The rows of a file as requests: JSON lines as they are, the rows of a CSV file as contexts.
struct RowSource {
  private var reader: LineReader
  private let path: String
  private var template: ContextTemplate?
  /// Rows given out so far.
  private(set) var rows: Int64 = 0

  /// Columns of a CSV file that the release has no input for.
  var unusedColumns: [String] { template?.unusedColumns ?? [] }

  /// How much of the file was read, from 0 to 1; nil for what has no size.
  var share: Double? { reader.bytes.map { $0 == 0 ? 1 : min(1, Double(reader.bytesRead) / Double($0)) } }

  /// Stands in place of a topic in the identifiers of rows that have none.
  var name: String { path == "-" ? "stdin" : URL(fileURLWithPath: path).lastPathComponent }

  /// Opens a file; names that end in `.csv` are CSV with a heading, all else JSON lines.
  init(_ path: String, inputs: [InputSpecification]) throws(CommandFailure) {
    self.path = path
    reader = try LineReader(path)
    guard path.lowercased().hasSuffix(".csv") else { return }
    guard let heading = try record() else { throw .failed("\(path): is empty; expected a heading with names of inputs") }
    var columns = try cells(heading)
    // What spreadsheets put in front of UTF-8.
    if let first = columns.first, first.hasPrefix("\u{FEFF}") { columns[0] = String(first.dropFirst()) }
    let template = ContextTemplate(columns: columns, inputs: inputs)
    guard template.unusedColumns.count < columns.count else {
      throw .failed(
        "\(path):1: no column is an input of the release; expected some of \(inputs.map(\.column.name).joined(separator: ", ")), got \(columns.joined(separator: ", "))"
      )
    }
    self.template = template
  }

  /// The next row as a request; nil at the end.
  mutating func next() throws(CommandFailure) -> [UInt8]? {
    guard let template else {
      while let line = try reader.next() {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
        rows += 1
        return line
      }
      return nil
    }
    guard let record = try record() else { return nil }
    rows += 1
    return template.context(try cells(record))
  }

  // MARK: CSV

  /// The lines of one record: a line break inside of quotes does not end it.
  private mutating func record() throws(CommandFailure) -> [UInt8]? {
    var record: [UInt8] = []
    var first: Int64?
    while let line = try reader.next() {
      if record.isEmpty, line.isEmpty { continue }
      first = first ?? reader.lines
      record += line
      let isOpen = !record.count { $0 == UInt8(ascii: "\"") }.isMultiple(of: 2)
      if !isOpen { return record }
      guard record.count <= Limits.rowBytes else { break }
      record.append(UInt8(ascii: "\n"))
    }
    if record.isEmpty { return nil }
    throw .failed("\(path):\(first ?? 0): a quotation mark is opened and never closed")
  }

  private func cells(_ record: [UInt8]) throws(CommandFailure) -> [String] {
    guard let text = String(validating: record, as: UTF8.self) else {
      throw .failed("\(path):\(reader.lines): is not UTF-8")
    }
    // The library leaves out what ends in a delimiter unless a line follows.
    do {
      let table = try EnumeratedCSV(string: text + "\n", delimiter: .comma, loadColumns: false)
      return table.header
    } catch { throw .failed("\(path):\(reader.lines): not CSV: \(error)") }
  }
}
