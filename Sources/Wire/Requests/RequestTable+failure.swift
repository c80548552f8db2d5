import Domain

extension RequestTable {
  /// Appends a row that has failed.
  mutating func appendRow(identifier: Range<Int> = 0..<0, failure: RequestFailure) {
    let position = addFailure(failure.reason, failure.message, stage: .decode)
    rows.append(Row(columnRow: nil, identifier: identifier, failure: position))
  }
}

extension RequestFailure {
  /// The batch has as many rows as its columns may hold.
  static var noRoom: RequestFailure {
    RequestFailure(.tooLarge, "no room for the row: the batch holds as many elements as a column may")
  }
}
