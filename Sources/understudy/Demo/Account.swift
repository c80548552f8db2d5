import Domain
import Wire

/// What requests and responses say of each other: read from the topics, from nothing else.
///
/// Every request must have exactly one response, in the order of its partition, and the outputs must be those that the
/// release which the response names makes of the request.
struct Account {
  /// Outputs by version for each row of the data.
  typealias Expectations = [String: [Outputs]]

  /// The outputs of one answer.
  struct Outputs: Sendable, Equatable {
    var probability: Double
    var label: String

    /// How far two computations of the same answer may be apart.
    static let tolerance = 1e-6

    func agrees(with other: Outputs) -> Bool {
      label == other.label && abs(probability - other.probability) <= Self.tolerance
    }
  }

  private struct Request {
    var offset: Int64
    var answers: UInt8 = 0
  }

  private let expectations: Expectations
  private let rowCount: Int
  /// By the number in the identifier `r-<number>`; nil until it is read.
  private var requests: [Request?] = []
  /// Responses whose request was not read yet.
  private var early: [(number: Int, record: TopicRecord)] = []
  private var lastAnswered: [Int32: Int64] = [:]

  /// Requests read.
  private(set) var sent = 0
  /// Responses by the version that they name.
  private(set) var answersByVersion: [String: Int] = [:]
  /// Request offsets at which the version changes, by partition in order.
  private(set) var switches: [Int32: [(version: String, offset: Int64)]] = [:]
  /// When the first response of a generation was produced, and its version.
  private(set) var firstResponses: [Int: (version: String, time: Int64)] = [:]
  /// Responses with an error.
  private(set) var errors = 0
  /// Requests answered more than once.
  private(set) var doubled = 0
  /// Responses whose outputs are not those of the release that they name.
  private(set) var wrong = 0
  /// Responses that came before those of earlier requests of their partition.
  private(set) var outOfOrder = 0
  /// Responses to requests that nobody sent.
  private(set) var unknown = 0

  /// An empty account.
  /// - Parameter expectations: what each release makes of each row; request number n carries row n modulo their count.
  init(expectations: Expectations) {
    self.expectations = expectations
    rowCount = expectations.values.map(\.count).max() ?? 0
  }

  /// Requests answered exactly once.
  private(set) var answeredOnce = 0
  /// Requests with an answer.
  private var answered = 0
  /// Requests without an answer.
  var unanswered: Int { sent - answered }
  /// Whether nothing is missing and nothing is wrong.
  var isGood: Bool {
    sent > 0 && answeredOnce == sent && errors == 0 && doubled == 0 && wrong == 0 && outOfOrder == 0 && unknown == 0
      && early.isEmpty
  }

  // MARK: Reading

  /// A record of the requests topic.
  mutating func addRequest(_ record: TopicRecord) {
    guard let number = number(record), rowCount > 0 else { return }
    if number >= requests.count { requests += Array(repeating: nil, count: number + 1 - requests.count) }
    sent += 1
    requests[number] = Request(offset: record.offset)
  }

  /// A record of the responses topic.
  mutating func addResponse(_ record: TopicRecord) {
    guard let number = number(record) else {
      unknown += 1
      return
    }
    if request(number) == nil || !early.isEmpty { early.append((number, record)) } else { settle(number, record) }
  }

  /// Takes the responses whose requests have been read meanwhile, in order.
  mutating func settleEarly() {
    let waiting = early
    early = []
    for (number, record) in waiting {
      if request(number) == nil { early.append((number, record)) } else { settle(number, record) }
    }
  }

  /// Numbers beyond this are nobody's.
  private static let numberCeiling = 100_000_000

  private func request(_ number: Int) -> Request? { requests.indices.contains(number) ? requests[number] : nil }

  private func number(_ record: TopicRecord) -> Int? {
    guard let value = record.value, let json = try? JSON(parsing: value), case .text(let id)? = json["id"],
      id.hasPrefix("r-"), let number = Int(id.dropFirst(2)), (0..<Self.numberCeiling).contains(number)
    else { return nil }
    return number
  }

  private mutating func settle(_ number: Int, _ record: TopicRecord) {
    guard var request = request(number), let value = record.value, let json = try? JSON(parsing: value) else { return }
    request.answers += request.answers < .max ? 1 : 0
    requests[number] = request
    guard request.answers == 1 else {
      if request.answers == 2 {
        answeredOnce -= 1
        doubled += 1
      }
      return
    }
    answered += 1
    answeredOnce += 1
    check(number, request, record, json)
  }

  private mutating func check(_ number: Int, _ request: Request, _ record: TopicRecord, _ json: JSON) {
    if request.offset < lastAnswered[record.partition] ?? -1 { outOfOrder += 1 }
    lastAnswered[record.partition] = max(request.offset, lastAnswered[record.partition] ?? -1)
    guard case .text("ok")? = json["status"], case .text(let version)? = json["version"] else {
      errors += 1
      return
    }
    answersByVersion[version, default: 0] += 1
    if switches[record.partition]?.last?.version != version {
      switches[record.partition, default: []].append((version, request.offset))
    }
    if case .integer(let generation)? = json["generation"] {
      let known = firstResponses[Int(generation)]
      if record.timestamp < known?.time ?? .max { firstResponses[Int(generation)] = (version, record.timestamp) }
    }
    let row = number % rowCount
    let expected = expectations[version].flatMap { $0.indices.contains(row) ? $0[row] : nil }
    guard let expected, let outputs = Self.outputs(json), outputs.agrees(with: expected) else {
      wrong += 1
      return
    }
  }

  /// The outputs of a response.
  static func outputs(_ json: JSON) -> Outputs? {
    guard let outputs = json["outputs"], case .text(let label)? = outputs["label"] else { return nil }
    switch outputs["probability"] {
    case .number(let probability)?: return Outputs(probability: probability, label: label)
    case .integer(let probability)?: return Outputs(probability: Double(probability), label: label)
    default: return nil
    }
  }
}
