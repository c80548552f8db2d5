import Domain
import Wire

/// What the responses say of the requests: read from their topic, from nothing else. A request is known by its key,
/// which its response has too.
struct BenchAccount: Sendable {
  /// Answers by the number of the request; more than 255 are not told apart.
  private var answers: [UInt8] = []

  /// Requests answered at least once, and more than once.
  private(set) var answered = 0
  private(set) var doubled = 0
  /// Responses of status error.
  private(set) var errors = 0
  /// The first of them.
  private(set) var firstError: String?
  /// Responses to nothing that was sent.
  private(set) var unknown = 0
  /// Responses read.
  private(set) var responses = 0
  /// Timestamps of the first response and the last, milliseconds since 1970.
  private(set) var firstTime: Int64 = .max
  private(set) var lastTime: Int64 = 0
  /// Requests that the broker has acknowledged: known when the last one was.
  var sent = 0
  /// Records in the requests topic, when all were sent.
  var inTopic = 0

  var missing: Int { sent - answered }
  var answeredOnce: Int { answered - doubled }
  var isGood: Bool {
    sent > 0 && inTopic == sent && answeredOnce == sent && doubled == 0 && errors == 0 && unknown == 0
  }

  /// Numbers from here on are nobody's.
  private static let numberCeiling = 1_000_000_000

  /// Room for so many requests, so that none is made later.
  mutating func reserve(_ count: Int) {
    if count > answers.count { answers += Array(repeating: 0, count: count - answers.count) }
  }

  /// The key of a request.
  static func key(_ number: Int) -> [UInt8] { Array(String(number).utf8) }

  /// Takes a response.
  /// - Returns: the number of its request; nil if it is an answer to nothing, or not the first one.
  mutating func take(_ record: TopicRecord) -> Int? {
    responses += 1
    firstTime = min(firstTime, record.timestamp)
    lastTime = max(lastTime, record.timestamp)
    guard let number = Self.number(record.key) else {
      unknown += 1
      return nil
    }
    reserve(max(number + 1, number < answers.count ? 0 : answers.count * 2))
    note(record)
    answers[number] += answers[number] < .max ? 1 : 0
    guard answers[number] == 1 else {
      if answers[number] == 2 { doubled += 1 }
      return nil
    }
    answered += 1
    return number
  }

  private mutating func note(_ record: TopicRecord) {
    let status = record.headers.last { $0.name == "x-status" }?.value ?? []
    guard status.elementsEqual("error".utf8) else { return }
    errors += 1
    firstError = firstError ?? record.value.map { String(decoding: $0.prefix(400), as: UTF8.self) }
  }

  private static func number(_ key: [UInt8]?) -> Int? {
    guard let key, !key.isEmpty, key.count < 10 else { return nil }
    var number = 0
    for digit in key {
      guard (48...57).contains(digit) else { return nil }
      number = number * 10 + Int(digit) - 48
    }
    return number < numberCeiling ? number : nil
  }

  var text: String {
    var lines = [
      "account, read from the topics",
      "  requests sent \(sent), answered once \(answeredOnce), missing \(missing), doubled \(doubled), errors \(errors)",
    ]
    if inTopic != sent { lines.append("  THE REQUESTS TOPIC HOLDS \(inTopic) RECORDS, \(sent) WERE SENT") }
    if unknown > 0 { lines.append("  \(unknown) RESPONSES ANSWER NOTHING THAT WAS SENT") }
    if let firstError { lines.append("  the first error: \(firstError)") }
    lines.append(isGood ? "  every request was answered exactly once" : "  THE ACCOUNT DOES NOT ADD UP")
    return lines.joined(separator: "\n")
  }

  var document: JSON {
    var document = JSON.object([
      .init("sent", .integer(Int64(sent))), .init("in_topic", .integer(Int64(inTopic))),
      .init("answered_once", .integer(Int64(answeredOnce))), .init("missing", .integer(Int64(missing))),
      .init("doubled", .integer(Int64(doubled))), .init("errors", .integer(Int64(errors))),
      .init("unknown", .integer(Int64(unknown))), .init("responses", .integer(Int64(responses))),
    ])
    document.set("first_error", toOptional: firstError)
    return document
  }
}
