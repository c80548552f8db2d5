import Domain
import Wire

@testable import understudy

/// Compares requests with their responses: a value, without a broker.
///
/// One answer for each request, in the order of its partition, with the outputs that the release which the answer names
/// makes of the row.
struct ResponseChecker {
  /// What was asked: `r-<number>` in a partition at an offset.
  struct Request: Equatable {
    var number: Int
    var partition: Int32
    var offset: Int64
  }

  /// What was answered.
  struct Answer: Equatable {
    var number: Int
    var partition: Int32
    var status: String
    var version: String?
    var generation: Int
    var outputs: Account.Outputs?
  }

  /// What is wrong, by the numbers of the requests.
  struct Findings: Equatable, CustomStringConvertible {
    var lost: [Int] = []
    var doubled: [Int] = []
    var reordered: [Int] = []
    /// Outputs that the stamped release does not make, errors, answers in another partition.
    var wrong: [Int] = []
    var unknown: [Int] = []

    var isExactlyOnce: Bool { self == Findings() }
    /// Nothing is missing or wrong; repeats, which may come late, are allowed.
    var isAtLeastOnce: Bool { lost.isEmpty && wrong.isEmpty && unknown.isEmpty }

    var description: String {
      [("lost", lost), ("doubled", doubled), ("reordered", reordered), ("wrong", wrong), ("unknown", unknown)]
        .filter { !$1.isEmpty }.map { "\($0) \($1.count): \($1.prefix(10))" }.joined(separator: "; ")
    }
  }

  var expectations: Account.Expectations

  /// What is wrong.
  /// - Parameter answers: in the order of their topic.
  func check(_ requests: [Request], _ answers: [Answer]) -> Findings {
    Self.check(requests, answers, number: \.number, isRight: isRight)
  }

  /// What is wrong with answers of any kind.
  /// - Parameter answers: in the order of their topic.
  static func check<Reply>(
    _ requests: [Request], _ answers: [Reply], number: (Reply) -> Int, isRight: (Reply, Request) -> Bool
  ) -> Findings {
    var findings = Findings()
    let known = Dictionary(requests.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
    var counts: [Int: Int] = [:]
    var lastOffsets: [Int32: Int64] = [:]
    for answer in answers {
      guard let request = known[number(answer)] else {
        findings.unknown.append(number(answer))
        continue
      }
      counts[request.number, default: 0] += 1
      if counts[request.number] == 2 { findings.doubled.append(request.number) }
      if counts[request.number] == 1 {
        if request.offset < lastOffsets[request.partition] ?? -1 { findings.reordered.append(request.number) }
        lastOffsets[request.partition] = max(request.offset, lastOffsets[request.partition] ?? -1)
      }
      if !isRight(answer, request) { findings.wrong.append(request.number) }
    }
    findings.lost = requests.map(\.number).filter { counts[$0] == nil }
    return findings
  }

  private func isRight(_ answer: Answer, _ request: Request) -> Bool {
    guard answer.status == "ok", answer.partition == request.partition, let version = answer.version,
      let rows = expectations[version], !rows.isEmpty, let outputs = answer.outputs
    else { return false }
    return outputs.agrees(with: rows[request.number % rows.count])
  }

  /// Requests whose generation is not the one that the activations' `first_offsets` tell.
  /// - Parameter activations: of one worker, by generation, with the first offset of each in each partition.
  static func disagreements(
    _ requests: [Request], _ answers: [Answer], activations: [(generation: Int, first: [Int32: Int64])]
  ) -> [Int] {
    let known = Dictionary(requests.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
    return answers.filter { answer in
      guard let request = known[answer.number] else { return true }
      let told = activations.last { $0.first[request.partition].map { $0 <= request.offset } ?? ($0.generation == 1) }
      return told?.generation != answer.generation
    }.map(\.number)
  }
}

extension ResponseChecker.Answer {
  /// The answer in a record; nil if it answers none of the checker's requests.
  init?(_ record: TopicRecord) {
    guard let value = record.value, let json = try? JSON(parsing: value), case .text(let id)? = json["id"],
      id.hasPrefix("r-"), let number = Int(id.dropFirst(2)), case .text(let status)? = json["status"]
    else { return nil }
    self.init(number: number, partition: record.partition, status: status, version: nil, generation: 0, outputs: nil)
    if case .text(let version)? = json["version"] { self.version = version }
    if case .integer(let generation)? = json["generation"] { self.generation = Int(generation) }
    outputs = Account.outputs(json)
  }
}
