import Foundation

/// What people see: lines to stderr that are not results, and progress where somebody looks.
enum Terminal {
  /// Whether stderr is a terminal, so that a line may be overwritten.
  static let isInteractive = isatty(STDERR_FILENO) == 1

  /// A result: a line to stdout, at once, also when nobody looks.
  static func show(_ text: String) {
    do { try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8)) } catch {
      complain("standard output cannot be written to: \(error.localizedDescription)")
      exit(1)
    }
  }

  /// A line to stderr.
  static func complain(_ text: String) {
    write(text + "\n")
  }

  /// The state of long work; overwrites itself on a terminal, and is left out elsewhere.
  static func progress(_ text: String) {
    guard isInteractive else { return }
    write("\r\u{1B}[2K\(text)")
  }

  /// Ends a line of progress.
  static func endProgress() {
    guard isInteractive else { return }
    write("\r\u{1B}[2K")
  }

  /// What people do not get to see is no reason to fail.
  private static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}

/// Rows under headings, each column as wide as its widest cell; a column without any text is left out.
struct TextTable {
  private var rows: [[String]]

  init(_ headings: String...) { rows = [headings.map { $0.uppercased() }] }

  mutating func add(_ cells: String...) { rows.append(cells) }

  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).filter { $0.1 > 0 }.map { cell, width in
        cell + String(repeating: " ", count: width - cell.count)
      }
      // Blanks in front are an empty first cell, and stay.
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}

/// A sum of bytes for people.
func byteText(_ bytes: Int64) -> String {
  bytes < 10_000 ? "\(bytes) B" : bytes < 10_000_000 ? "\(bytes / 1000) kB" : "\(bytes / 1_000_000) MB"
}
