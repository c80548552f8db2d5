/// What a batch of requests becomes: records to produce, in order.
///
/// Belongs to one lane and is reused. Values and headers are ranges of `bytes`; keys and the original headers of dead
/// letters are ranges of the request batch's bytes.
package struct ResponseBatch: ~Copyable {
  /// Bytes of values and of headers that are not the request's own.
  package var bytes: [UInt8] = []
  /// The records to produce, in order.
  package private(set) var records: [Record] = []
  /// Headers of all records.
  package private(set) var headers: [Header] = []

  /// An empty batch.
  package init() {}

  /// Forgets the records and keeps the memory.
  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
    headers.removeAll(keepingCapacity: true)
  }

  /// Adds a header of the record that is appended next. `name` and `value` are in the place that each says.
  package mutating func appendHeader(_ name: Name, _ value: Source?) {
    headers.append(Header(name: name, value: value))
  }

  /// Adds a header whose value is `text`.
  package mutating func appendHeader(_ name: Name, text: String) {
    let start = bytes.count
    bytes.append(contentsOf: text.utf8)
    headers.append(Header(name: name, value: .response(start..<bytes.count)))
  }

  /// Adds a record; the headers added since the last one are its own.
  package mutating func appendRecord(
    request: Int, destination: Destination, partition: Int32, value: Source?, keepsKey: Bool = true
  ) {
    let firstHeader = records.last?.headers.upperBound ?? 0
    records.append(
      Record(
        request: request, destination: destination, partition: partition, value: value, keepsKey: keepsKey,
        headers: firstHeader..<headers.count))
  }

  /// Where bytes lie.
  package enum Source: Sendable {
    /// In the request batch's `bytes`.
    case request(Range<Int>)
    /// In this batch's `bytes`.
    case response(Range<Int>)
    /// A text of ours.
    case constant(StaticString)
  }

  /// A header's name: one of ours, or the request's own.
  package enum Name: Sendable {
    /// A name of ours.
    case known(StaticString)
    /// In the request batch's `bytes`.
    case request(Range<Int>)
  }

  /// Where a record goes.
  package enum Destination: Sendable, Hashable {
    /// The responses topic.
    case responses
    /// A reply topic that was looked up and allowed.
    case reply(String)
    /// The dead-letter topic.
    case deadLetters
  }

  /// One record to produce; its key is the request's, unless that alone would be too large.
  package struct Record: Sendable {
    /// Position of the request in its batch.
    package var request: Int
    /// Where it goes.
    package var destination: Destination
    /// The partition there.
    package var partition: Int32
    /// The value; nil for null.
    package var value: Source?
    /// Whether it has the request's key.
    package var keepsKey: Bool
    /// Its headers in `headers`.
    package var headers: Range<Int>
  }

  /// One header.
  package struct Header: Sendable {
    /// The name.
    package var name: Name
    /// The value; nil for null.
    package var value: Source?
  }
}
