import Domain
import Serving
import Testing

/// Records that must not be scored, since the process has crashed for them.
struct CondemnedTests {
  private func answers(_ value: String, deaths: UInt8, _ headers: [RecordHeader] = []) throws -> [Bench.Answer] {
    var request = Bench.Request(value, headers)
    request.condemnation = Condemnation(deaths: deaths, signal: 8)
    return Bench([try SampleRelease.load("1")]).send([request])
  }

  @Test func `P7: a condemned record is answered with stage_crashed and its dead letter, and not scored`() throws {
    let value = #"{"id":"r-1","age":1}"#
    let answers = try answers(value, deaths: 3)
    try #require(answers.map(\.destination) == [.responses, .deadLetters])
    #expect(answers[0].text.contains(#""id":"r-1""#) && answers[0].text.contains(#""status":"error""#))
    #expect(answers[0].text.contains(#""code":"INTERNAL","reason":"stage_crashed""#))
    #expect(answers[0].text.contains("crashed 3 times (last by SIGFPE)"))
    #expect(answers[0].text.contains(#""retryable":false"#))
    #expect(answers[1].text == value)
    #expect(answers[1].header("__connect.errors.exception.message")?.contains("crashed 3 times") == true)
  }

  @Test func `P7: what crashes even so is not looked into any more`() throws {
    let answers = try answers(#"{"id":"r-1","age":1}"#, deaths: 4, [RecordHeader("x-request-id", "from-header")])
    try #require(answers.map(\.destination) == [.responses, .deadLetters])
    #expect(answers[0].text.contains(#""id":"from-header""#) && answers[0].text.contains("stage_crashed"))
  }
}
