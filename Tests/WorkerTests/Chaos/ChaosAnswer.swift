import Domain
import Wire

/// A record of the responses topic, as far as it is checked: small, since there are millions.
struct ChaosAnswer: Sendable, Equatable {
  /// That of the request with the same key; -1 if there is none.
  var number: Int
  var partition: Int32
  var offset: Int64
  /// Milliseconds since 1970.
  var timestamp: Int64
  /// What it says agrees with the request and the release that it names.
  var isRight: Bool
  /// Of the release that it names, by position in `ChaosNames.versions`; -1 for none.
  var version: Int32
  var generation: Int32
  /// By position in `ChaosNames.transactions`; -1 for none.
  var transaction: Int32
  /// Of the whole record, so that two readers can be compared.
  var digest: Int
}

/// Texts of answers, each kept once.
struct ChaosNames: Sendable, Equatable {
  private(set) var texts: [String] = []
  private var positions: [String: Int32] = [:]

  mutating func position(_ text: String?) -> Int32 {
    guard let text else { return -1 }
    if let known = positions[text] { return known }
    let position = Int32(texts.count)
    texts.append(text)
    positions[text] = position
    return position
  }

  func text(_ position: Int32) -> String { texts.indices.contains(Int(position)) ? texts[Int(position)] : "-" }
}

/// What was read of the responses.
struct ChaosAnswers: Sendable {
  private(set) var answers: [ChaosAnswer] = []
  private(set) var versions = ChaosNames()
  private(set) var transactions = ChaosNames()
  /// Distinct requests answered.
  private(set) var answered: Set<Int> = []

  private let seed: UInt64

  init(seed: UInt64) { self.seed = seed }

  mutating func take(_ record: TopicRecord) {
    let number = ChaosRequest.number(record.key)
    let reply = record.value.flatMap { try? JSON(parsing: $0) }
    var version: String?
    if case .text(let text)? = reply?["version"] { version = text }
    var generation: Int32 = 0
    if case .integer(let count)? = reply?["generation"] { generation = Int32(clamping: count) }
    if let number { answered.insert(number) }
    answers.append(
      ChaosAnswer(
        number: number ?? -1, partition: record.partition, offset: record.offset, timestamp: record.timestamp,
        isRight: number.map { Self.agrees(reply, version, with: ChaosRequest($0, seed: seed)) } ?? false,
        version: versions.position(version), generation: generation,
        transaction: transactions.position(Self.transaction(record)), digest: Self.digest(record)))
  }

  static func transaction(_ record: TopicRecord) -> String? {
    record.headers.last { $0.name == "x-transaction" }?.value.map { String(decoding: $0, as: UTF8.self) }
  }

  static func digest(_ record: TopicRecord) -> Int {
    var hasher = Hasher()
    hasher.combine(record.key)
    hasher.combine(record.value)
    hasher.combine(record.timestamp)
    for header in record.headers {
      hasher.combine(header.name)
      hasher.combine(header.value)
    }
    return hasher.finalize()
  }

  /// Whether a reply is what the release that it names makes of the request.
  private static func agrees(_ reply: JSON?, _ version: String?, with request: ChaosRequest) -> Bool {
    guard let reply, case .text(let status)? = reply["status"] else { return false }
    if let reason = request.reason {
      guard status == "error", case .text(let text)? = reply["error"]?["reason"] else { return false }
      return text == reason.rawValue
    }
    guard status == "ok", case .number(let x) = request.kind, let version, let factor = ChaosRelease.factor(of: version)
    else { return false }
    return switch reply["outputs"]?["y"] {
    case .integer(let y)?: y == Int64(x * factor)
    case .number(let y)?: y == Double(x * factor)
    default: false
    }
  }
}
