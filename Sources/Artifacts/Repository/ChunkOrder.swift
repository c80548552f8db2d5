import Domain

/// Decides which records of a range are the chunks of one archive, and holds them to their order: 0, 1, 2 and so on.
///
/// Between the first and the last chunk there may be other publishers' chunks, and chunks that a publisher sent twice.
struct ChunkOrder {
  /// What becomes of a record.
  enum Decision: Equatable {
    /// The next chunk.
    case take
    /// None of ours, or taken before.
    case skip
  }

  private let prefix: [UInt8]
  /// The chunk that must come next.
  private(set) var expected = 0

  /// The order of an archive's chunks.
  init(archiveHex: String) { prefix = Array("\(archiveHex):".utf8) }

  /// Decides about the next record of the range.
  /// - Throws: `fetch_failed` if a chunk before it is missing.
  mutating func decide(_ record: TopicRecord) throws(Refusal) -> Decision {
    guard let key = record.key, key.starts(with: prefix), record.value != nil else { return .skip }
    let digits = key.dropFirst(prefix.count)
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int(String(decoding: digits, as: UTF8.self))
    else { return .skip }
    if number < expected { return .skip }
    guard number == expected else { throw missing }
    expected += 1
    return .take
  }

  /// The refusal for a chunk that did not come.
  var missing: Refusal { Refusal(.fetchFailed, "chunk \(expected) is missing: was it compacted or retired?") }
}
