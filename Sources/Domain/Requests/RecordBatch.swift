/// Records of one poll, copied once out of the client's memory so that nothing there stays pinned.
///
/// Belongs to one lane and is reused. Keys, values and headers are ranges of `bytes`, which ends in `padding` bytes of
/// slack so that a vectorised parser may read past the end of a value.
package struct RecordBatch: ~Copyable {
  /// All bytes of all records.
  package private(set) var bytes: [UInt8] = []
  /// The records in the order in which they came; those of a partition by offset.
  package private(set) var records: [Record] = []
  /// The headers of all records.
  package private(set) var headers: [Header] = []
  /// A record that was gathered with the others and is to be answered alone after them.
  private var following: Record?
  /// Names of the topics, referred to by position.
  package private(set) var topics: [String] = []
  /// Bytes that may be read past the end of any value.
  package static let padding = 64

  /// An empty batch.
  package init() {}

  /// Forgets the records and keeps the memory.
  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
    headers.removeAll(keepingCapacity: true)
    following = nil
  }

  /// Position of a topic's name, added if it is new.
  package mutating func topicPosition(_ name: String) -> Int {
    if let position = topics.firstIndex(of: name) { return position }
    topics.append(name)
    return topics.count - 1
  }

  /// Copies bytes in and returns where they are.
  package mutating func append(_ span: RawSpan) -> Range<Int> {
    let start = bytes.count
    unsafe span.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    return start..<bytes.count
  }

  /// Copies bytes in and returns where they are.
  package mutating func append(_ copied: [UInt8]) -> Range<Int> {
    let start = bytes.count
    bytes += copied
    return start..<bytes.count
  }

  /// Adds a header of the record that is appended next.
  package mutating func appendHeader(name: Range<Int>, value: Range<Int>?) {
    headers.append(Header(name: name, value: value))
  }

  /// Adds a record; the headers added since the last one are its own.
  package mutating func appendRecord(
    topic: Int, partition: Int32, offset: Int64, timestamp: Int64, key: Range<Int>?, value: Range<Int>?
  ) {
    let firstHeader = records.last?.headers.upperBound ?? 0
    records.append(
      Record(
        topic: topic, partition: partition, offset: offset, timestamp: timestamp, key: key, value: value,
        headers: firstHeader..<headers.count))
  }

  /// Has the last record answered alone: now if it is the only one, else after the others, by `takeFollowing`. No record
  /// may be added behind it.
  package mutating func isolateLast(condemnation: Condemnation?) {
    guard var last = records.popLast() else { return }
    last.condemnation = condemnation
    if records.isEmpty { records.append(last) } else { following = last }
  }

  /// Puts the record that was to follow in the place of the others.
  /// - Returns: whether there was one.
  package mutating func takeFollowing() -> Bool {
    guard let record = following else { return false }
    following = nil
    records.removeAll(keepingCapacity: true)
    records.append(record)
    return true
  }

  /// Adds the slack behind the last value. Call once when the batch is complete.
  package mutating func seal() {
    bytes.append(contentsOf: repeatElement(0, count: Self.padding))
  }

  /// Lends the bytes of a range.
  package func withBytes<Result>(_ range: Range<Int>, _ body: (RawSpan) -> Result) -> Result {
    unsafe body(bytes.span.bytes.extracting(range))
  }

  /// The value of the last header of a record with this name, if it has one that is not null.
  package func header(_ name: StaticString, of record: Record) -> Range<Int>? {
    for header in headers[record.headers].prefix(Limits.headersPerRecord).reversed()
    where isNamed(header, name) {
      return header.value
    }
    return nil
  }

  /// Whether a header has this name.
  package func isNamed(_ header: Header, _ name: StaticString) -> Bool {
    header.name.count == name.utf8CodeUnitCount && isEqual(header.name, name)
  }

  private func isEqual(_ range: Range<Int>, _ name: StaticString) -> Bool {
    unsafe bytes[range].elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
  }

  /// A range as text, if it is UTF-8.
  package func text(_ range: Range<Int>) -> String? {
    String(validating: bytes[range], as: UTF8.self)
  }

  /// One record.
  package struct Record: Sendable {
    /// Position in `topics`.
    package var topic: Int
    /// Partition number.
    package var partition: Int32
    /// Why it must not be scored; nil for a record like any other.
    package var condemnation: Condemnation?
    /// Offset in the partition.
    package var offset: Int64
    /// Milliseconds since 1970, or -1.
    package var timestamp: Int64
    /// Where the key lies in `bytes`; nil for null.
    package var key: Range<Int>?
    /// Where the value lies in `bytes`; nil for null (a tombstone).
    package var value: Range<Int>?
    /// Its headers in `headers`.
    package var headers: Range<Int>

    /// Whether its topic alone says who answers it and where.
    package var isPlain: Bool { headers.isEmpty && condemnation == nil }
  }

  /// One header.
  package struct Header: Sendable {
    /// Where the name lies in `bytes`.
    package var name: Range<Int>
    /// Where the value lies in `bytes`; nil for null.
    package var value: Range<Int>?
  }
}
