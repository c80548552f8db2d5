import TestSupport
import Testing

/// Requests that are nearly right.
@Suite struct RequestFuzzTests {
  @Test func `P7: whatever a batch holds, each request gets one response, the one that it gets alone`() throws {
    var fuzz = try RequestFuzz()
    var run = FuzzRun("requests", seconds: 4)
    let problem = Self.firstProblem(&fuzz, &run)
    run.finish(fuzz.counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
    #expect(problem == nil)
    #expect(run.cases > 0)
  }

  private static func firstProblem(_ fuzz: inout RequestFuzz, _ run: inout FuzzRun) -> String? {
    while run.goesOn {
      let problem = fuzz.check(fuzz.next(&run.generator))
      if let problem { return "\(problem)\nseed \(run.generator.seed), behind case \(run.cases)" }
      run.count(RequestFuzz.batch)
    }
    return nil
  }

  /// What the data path could do wrong.
  enum Mistake: CaseIterable {
    /// Stands for a trap, which would end the tests: nothing answers a batch with a number of too many digits.
    case stopsAtLongNumber
    /// Two requests, one refused and one not, that follow each other get each other's response.
    case swapsNeighbours
    /// A row that could not be answered is left out of its response.
    case losesFailedRow
  }

  @Test(arguments: Mistake.allCases)
  func `a planted mistake is found before its time is over`(mistake: Mistake) throws {
    var fuzz = try RequestFuzz()
    var run = FuzzRun("requests with a data path that \(mistake)", seconds: 30, isToFind: true)
    let right = fuzz.answer
    fuzz.answer = { Self.spoil(right($0), of: $0, mistake) }
    let problem = Self.firstProblem(&fuzz, &run)
    run.finish()
    #expect(problem != nil, "not found in \(run.cases) cases, seed \(run.generator.seed)")
  }

  private static func spoil(
    _ answers: [RequestBench.Answer]?, of requests: [RequestFuzz.Request], _ mistake: Mistake
  ) -> [RequestBench.Answer]? {
    guard var answers else { return nil }
    switch mistake {
    case .stopsAtLongNumber:
      let digits = [UInt8](repeating: UInt8(ascii: "3"), count: 40)
      return requests.contains { $0.value.firstRange(of: digits) != nil } ? nil : answers
    case .swapsNeighbours:
      if let at = answers.indices.dropFirst().first(where: {
        (answers[$0].status == "error") != (answers[$0 - 1].status == "error")
      }) {
        answers.swapAt(at, at - 1)
      }
    case .losesFailedRow:
      for at in answers.indices where answers[at].status == "partial" {
        answers[at].response = answers[at].response.replacing(/,\{"error":\{[^{}]*\}\}/, with: "", maxReplacements: 1)
      }
    }
    return answers
  }
}
