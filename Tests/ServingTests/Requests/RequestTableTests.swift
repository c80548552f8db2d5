import Domain
import TestSupport
import Testing
import Wire

/// The table of requests that `Tests/Fixtures/requests/make.py` made: what each must get, and that company changes
/// nothing.
@Suite struct RequestTableTests {
  @Test func `P7: every request of the table gets its complete response`() throws {
    let cases = try RequestCase.all()
    #expect(cases.count >= 400)
    let bench = RequestBench(try RequestCase.releases(), try RequestCase.fallbacks())
    for item in cases { check(item, bench.answer([(item.release, item.request)])?.first) }
  }

  @Test func `P7: all requests of the table in one batch get what they get alone`() throws {
    var generator = SeededGenerator()
    print("requests in one batch: seed \(generator.seed)")
    let cases = try RequestCase.all().shuffled(using: &generator)
    let (releases, fallbacks) = (try RequestCase.releases(), try RequestCase.fallbacks())
    let (alone, together) = (RequestBench(releases, fallbacks), RequestBench(releases, fallbacks))
    let answers = try #require(together.answer(cases.map { ($0.release, $0.request) }), "seed \(generator.seed)")
    for (item, answer) in zip(cases, answers) {
      check(item, answer, "seed \(generator.seed)")
      #expect(alone.answer([(item.release, item.request)]) == [answer], "\(item.name), seed \(generator.seed)")
    }
  }

  @Test func `the table has every reason that a request can be refused or withheld for, and every status`() throws {
    let reasons = Set(
      try RequestCase.all().flatMap { item in
        ResponseReason.allCases.filter {
          item.response.contains(#""reason":"\#($0.rawValue)""#) || item.response.contains(#""\#($0.rawValue): "#)
        }
      })
    #expect(
      reasons == [
        .decodeFailed, .schemaMismatch, .missingField, .outOfRange, .notFinite, .tooLarge, .modelFailed,
        .outputRejected, .lowConfidence,
      ])
    // What is held depends on the rows before, so it is no matter for a table.
    let statuses = Set(try RequestCase.all().compactMap { ResponseStatus(rawValue: $0.status) })
    #expect(statuses == Set(ResponseStatus.allCases).subtracting([.held]))
  }

  private func check(_ item: RequestCase, _ answer: RequestBench.Answer?, _ comment: String = "") {
    guard let answer else {
      Issue.record("\(item.name): not one response \(comment)")
      return
    }
    let masked = MaskedResponse(answer.response)
    let isAsExpected =
      masked.text == item.response && answer.status == item.status
      && answer.deadLetters == (item.status == "error" ? 1 : 0) && masked.messages.count == item.names.count
    if !isAsExpected {
      Issue.record(
        """
        \(item.name) \(comment)
        request  \(String(decoding: item.request.prefix(600), as: UTF8.self))
        expected \(item.status) \(item.response.prefix(1200))
        found    \(answer.status) \(answer.response.prefix(1200))
        """)
    }
    for (message, name) in zip(masked.messages, item.names) {
      // Messages are compared as they are in the response, where quotes and backslashes are escaped.
      let escaped = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      if !message.contains(escaped) {
        Issue.record("\(item.name): \(message) does not contain \(name) \(comment)")
      }
    }
  }
}
