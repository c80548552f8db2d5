import Domain

/// Where everything stands in the file `in-flight`: words of eight bytes, in the machine's own order, which the magic
/// number tells as well.
///
///     header    magic, version, pool, seal, then the mark of a crash: state, signal, thread, code
///     lanes     state, thread, count, timestamp, seal, then for each partition: topic, partition, first, last offset
///     suspects  topic, partition, first, last offset, time, seal
///     accused   topic, partition, offset, timestamp, deaths, signal, time, seal
///
/// A topic is the hash of its name. What has a seal that does not fit was cut while it was written, and is not believed.
enum InFlightLayout {
  /// "UNDRSTDY" as a little-endian machine writes it.
  static let magic: UInt64 = 0x5944_5453_5244_4E55
  static let version: UInt64 = 1

  static let markStart = 4
  static let headerWords = 8
  static let slotHeaderWords = 8
  static let rangeWords = 4
  static let slotWords = slotHeaderWords + Limits.partitionsInFlight * rangeWords
  static let suspectsStart = headerWords + Limits.lanes * slotWords
  static let suspectWords = 8
  static let accusedStart = suspectsStart + Limits.suspectRanges * suspectWords
  static let accusedWords = 8
  static let words = accusedStart + Limits.accusedRecords * accusedWords
  static let bytes = words * 8

  static func slotStart(_ lane: Int) -> Int { headerWords + lane * slotWords }
  static func suspectStart(_ index: Int) -> Int { suspectsStart + index * suspectWords }
  static func accusedStart(_ index: Int) -> Int { accusedStart + index * accusedWords }

  /// What a lane is doing.
  enum SlotState: UInt64 {
    case idle = 0
    case scoring = 1
  }

  /// Begins a seal, so that nothing but zeros has none.
  static let sealStart: UInt64 = 0xCBF2_9CE4_8422_2325

  /// Takes one more word into a seal: FNV's step on whole words, with the high bits folded in, since a product's low bits
  /// know nothing of them.
  @inline(__always)
  static func seal(_ seal: UInt64, _ word: UInt64) -> UInt64 {
    let product = (seal ^ word) &* 0x9E37_79B9_7F4A_7C15
    return product ^ (product >> 32)
  }

  /// The seal of some words.
  static func seal(of words: some Sequence<UInt64>) -> UInt64 { words.reduce(sealStart, seal) }

  /// FNV-1a of a topic's name: the same in every build, unlike Swift's own hashes.
  static func hash(ofTopic name: String) -> UInt64 {
    name.utf8.reduce(sealStart) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
