import Domain
import Foundation
import Wire

/// The rows of a file as requests: JSON lines as they are, the rows of a CSV file as contexts.
struct RowSource {
  /// One of the two; apart, so that each is changed where it is.
  private var lines: LineReader?
  private var table: (records: CSVRecords, template: ContextTemplate, columns: Int)?
  private let path: String
  /// Rows given out so far.
  private(set) var rows: Int64 = 0
  private var complaints = 0

  /// Columns of a CSV file that the release has no input for.
  let unusedColumns: [String]

  /// How much of the file was read, from 0 to 1; nil for what has no size.
  var share: Double? { table.map(\.records.share) ?? lines?.share }

  /// Stands in place of a topic in the identifiers of rows that have none.
  var name: String { path == "-" ? "stdin" : URL(fileURLWithPath: path).lastPathComponent }

  /// Opens a file; names that end in `.csv` are CSV with a heading, all else JSON lines.
  init(_ path: String, inputs: [InputSpecification], _ interruption: Interruption? = nil) throws(CommandFailure) {
    self.path = path
    let reader = try LineReader(path, interruption)
    guard path.lowercased().hasSuffix(".csv") else {
      lines = reader
      unusedColumns = []
      return
    }
    var records = CSVRecords(reader, path: path)
    guard let heading = try records.next() else {
      throw .failed("\(path): is empty; expected a heading with names of inputs")
    }
    guard heading.problem == nil, var columns = Self.texts(heading) else {
      throw .failed(
        "\(path):\(heading.line): the heading is no CSV in UTF-8: \(heading.problem ?? "bytes that are no text")")
    }
    // What spreadsheets put in front of UTF-8.
    if let first = columns.first, first.hasPrefix("\u{FEFF}") { columns[0] = String(first.dropFirst()) }
    var seen: Set<String> = []
    if let twice = columns.first(where: { !seen.insert($0).inserted }) {
      throw .failed("\(path):\(heading.line): the heading has the column \(twice) twice; each needs a name of its own")
    }
    let template = ContextTemplate(columns: columns, inputs: inputs)
    guard template.unusedColumns.count < columns.count else {
      throw .failed(
        "\(path):\(heading.line): no column is an input of the release; expected some of \(inputs.map(\.column.name).joined(separator: ", ")), got \(columns.joined(separator: ", "))"
      )
    }
    unusedColumns = template.unusedColumns
    table = (records, template, columns.count)
  }

  /// The next row as a request; nil at the end.
  mutating func next() throws(CommandFailure) -> [UInt8]? {
    guard let (_, template, columns) = table else {
      while let line = try lines?.next() {
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
        rows += 1
        return line
      }
      return nil
    }
    guard let record = try table?.records.next() else { return nil }
    rows += 1
    return request(record, template, columns: columns)
  }

  // MARK: CSV

  /// The context of a record; of one that is broken a request that is answered with an error, in its place.
  private mutating func request(_ record: CSVRecords.Record, _ template: ContextTemplate, columns: Int) -> [UInt8] {
    let texts = Self.texts(record)
    let problem =
      record.problem ?? (texts == nil ? "is not UTF-8" : nil)
      ?? (record.cells.count == columns
        ? nil : "has \(record.cells.count) cells where the heading has \(columns)")
    guard let problem else { return template.context(texts ?? []) }
    complaints += 1
    if complaints <= Limits.gateFailuresShown {
      Terminal.complain("\(path):\(record.line): row \(rows) \(problem); it is answered decode_failed")
    }
    // No JSON, whatever the cells are.
    return [UInt8(ascii: ",")] + record.cells.joined(separator: [UInt8(ascii: ",")])
  }

  private static func texts(_ record: CSVRecords.Record) -> [String]? {
    var texts: [String] = []
    for cell in record.cells {
      guard let text = String(validating: cell, as: UTF8.self) else { return nil }
      texts.append(text)
    }
    return texts
  }
}
