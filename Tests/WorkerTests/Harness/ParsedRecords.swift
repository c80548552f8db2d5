import Domain

/// What records of a topic say, each parsed once, however often one looks while more of them come.
struct ParsedRecords<Value> {
  private(set) var values: [Value] = []
  private var parsed = 0
  private let parse: (TopicRecord) -> Value?

  /// - Parameter parse: nil for a record that is something else.
  init(_ parse: @escaping (TopicRecord) -> Value?) { self.parse = parse }

  /// Takes those that have come since the last time.
  /// - Returns: all so far.
  mutating func values(of records: [TopicRecord]) -> [Value] {
    for record in records[parsed...] {
      if let value = parse(record) { values.append(value) }
    }
    parsed = records.count
    return values
  }
}
