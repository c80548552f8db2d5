import Testing

@testable import understudy

@Suite("The checker of responses")
struct ResponseCheckerTests {
  private typealias Checker = ResponseChecker

  private static let checker = Checker(expectations: [
    "1": [.init(probability: 0.1, label: "a"), .init(probability: 0.2, label: "b")],
    "2": [.init(probability: 0.7, label: "a"), .init(probability: 0.8, label: "b")],
  ])
  private let requests = (0..<6).map {
    Checker.Request(number: $0, partition: Int32($0 % 2), offset: Int64($0 / 2))
  }

  private func answer(_ number: Int, version: String = "1", generation: Int = 1) -> Checker.Answer {
    Checker.Answer(
      number: number, partition: Int32(number % 2), status: "ok", version: version, generation: generation,
      outputs: Self.checker.expectations[version]?[number % 2])
  }

  private func findings(_ change: (inout [Checker.Answer]) -> Void) -> Checker.Findings {
    var answers = (0..<6).map { answer($0, version: $0 < 3 ? "1" : "2") }
    change(&answers)
    return Self.checker.check(requests, answers)
  }

  @Test("Right answers by several releases are fine, in any order of partitions")
  func good() {
    #expect(findings { _ in }.isExactlyOnce)
    #expect(findings { $0 = $0.filter { $0.partition == 1 } + $0.filter { $0.partition == 0 } }.isExactlyOnce)
  }

  @Test("A lost answer is found")
  func lost() {
    let found = findings { $0.remove(at: 4) }
    #expect(found == .init(lost: [4]))
    #expect(!found.isExactlyOnce && !found.isAtLeastOnce)
  }

  @Test("A doubled answer is found, and allowed only at least once")
  func doubled() {
    let found = findings { $0.append($0[1]) }
    #expect(found == .init(doubled: [1]))
    #expect(!found.isExactlyOnce && found.isAtLeastOnce)
  }

  @Test("A reordered answer is found")
  func reordered() {
    let found = findings { $0.swapAt(0, 2) }
    #expect(found == .init(reordered: [0]))
    #expect(!found.isExactlyOnce)
  }

  @Test("A wrongly stamped answer is found: another version, a wrong label, an error, a foreign partition")
  func wrong() {
    #expect(findings { $0[5].version = "1" } == .init(wrong: [5]))
    #expect(findings { $0[5].version = nil } == .init(wrong: [5]))
    #expect(findings { $0[5].version = "3" } == .init(wrong: [5]))
    #expect(findings { $0[5].outputs?.label = "z" } == .init(wrong: [5]))
    #expect(findings { $0[5].outputs?.probability += 0.001 } == .init(wrong: [5]))
    #expect(findings { $0[5].outputs = nil } == .init(wrong: [5]))
    #expect(findings { $0[5].status = "error" } == .init(wrong: [5]))
    #expect(findings { $0[5].partition = 0 } == .init(wrong: [5]))
  }

  @Test("An answer that nobody asked for is found")
  func unknown() { #expect(findings { $0.append(answer(99)) } == .init(unknown: [99])) }

  @Test("Generations that do not agree with the first offsets of their activations are found")
  func generations() {
    let activations = [(generation: 1, first: [Int32: Int64]()), (generation: 2, first: [0: 1, 1: 2])]
    func disagreements(_ generations: [Int]) -> [Int] {
      Checker.disagreements(
        requests, generations.enumerated().map { answer($0, generation: $1) }, activations: activations)
    }
    #expect(disagreements([1, 1, 2, 1, 2, 2]) == [])
    #expect(disagreements([1, 1, 1, 1, 2, 2]) == [2])
    #expect(disagreements([1, 1, 2, 2, 2, 2]) == [3])
  }
}
