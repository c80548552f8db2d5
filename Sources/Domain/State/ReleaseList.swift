/// The releases of a model in the order of their announcement, each version once.
///
/// A ledger may remember thousands, and is a value that is copied for every command while its predecessor is kept. So a
/// version is found without a search, and a change copies one piece of the list instead of all of it: what a command
/// costs must not grow with the history before it.
package struct ReleaseList: Sendable, RandomAccessCollection, RangeReplaceableCollection, ExpressibleByArrayLiteral {
  /// Records of one piece.
  private static let pieceLength = 64
  /// All of them full, but for the last one.
  private var pieces: [[ReleaseRecord]] = []
  /// Where each version stands.
  private var positions: [String: Int] = [:]

  /// An empty list.
  package init() {}

  /// A list of records.
  package init(arrayLiteral records: ReleaseRecord...) { self.init(records) }

  package var startIndex: Int { 0 }
  package var endIndex: Int { pieces.last.map { (pieces.count - 1) * Self.pieceLength + $0.count } ?? 0 }

  package subscript(position: Int) -> ReleaseRecord {
    get { pieces[position / Self.pieceLength][position % Self.pieceLength] }
    set {
      let version = pieces[position / Self.pieceLength][position % Self.pieceLength].identity.version
      pieces[position / Self.pieceLength][position % Self.pieceLength] = newValue
      guard newValue.identity.version != version else { return }
      positions[version] = nil
      positions[newValue.identity.version] = position
    }
  }

  /// Where a version stands.
  package func position(of version: String) -> Int? { positions[version] }

  /// The sequence of a version, for which its record is not copied: of a long history that is asked for each.
  package func sequence(of version: String) -> Int64? {
    positions[version].map { pieces[$0 / Self.pieceLength][$0 % Self.pieceLength].sequence }
  }

  /// Adds a record at the end.
  package mutating func append(_ record: ReleaseRecord) {
    positions[record.identity.version] = endIndex
    if let last = pieces.indices.last, pieces[last].count < Self.pieceLength {
      pieces[last].append(record)
    } else {
      pieces.append([record])
    }
  }

  /// Puts records in the place of others. All behind them are placed anew.
  package mutating func replaceSubrange<Records: Collection>(_ range: Range<Int>, with records: Records)
  where Records.Element == ReleaseRecord {
    var list = ReleaseList()
    for record in self[..<range.lowerBound] { list.append(record) }
    for record in records { list.append(record) }
    for record in self[range.upperBound...] { list.append(record) }
    self = list
  }
}

extension ReleaseList: Equatable {
  /// Whether both have the same records in the same order; where they stand follows from that.
  package static func == (first: ReleaseList, second: ReleaseList) -> Bool { first.pieces == second.pieces }
}
