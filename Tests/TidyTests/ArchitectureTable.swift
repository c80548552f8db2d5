/// The table of rooms as ARCHITECTURE.md writes it.
enum ArchitectureTable {
  struct Row: Equatable {
    let rooms: Set<String>
    let outside: Set<String>
  }

  /// Rows of `| room | for | may import | outside |` by room.
  static func rows(of text: String) -> [String: Row] {
    var rows: [String: Row] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { names($0) }
      guard cells.count == 4, let room = cells[0].first else { continue }
      rows[room] = Row(rooms: Set(cells[2]), outside: Set(cells[3]))
    }
    return rows
  }

  private static func names(_ cell: Substring) -> [String] {
    cell.split(separator: ",").map { $0.filter { $0 != "`" && $0 != " " } }.filter { $0 != "–" && !$0.isEmpty }
  }
}
