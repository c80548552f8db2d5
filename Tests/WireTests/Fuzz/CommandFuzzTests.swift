import Domain
import TestSupport
import Testing
import Wire

/// Commands that are nearly right.
@Suite struct CommandFuzzTests {
  @Test func `P9: whatever a command holds, it reads back as it is written, or is refused with a place`() throws {
    let fuzz = try CommandFuzz(CommandTests.commands)
    var run = FuzzRun("commands", seconds: 1)
    let problem = run.firstProblem { fuzz.check(fuzz.next(&$0)) }
    run.finish()
    #expect(problem == nil)
    #expect(run.cases > 0)
  }

  /// What a decoder could do wrong.
  enum Mistake: CaseIterable {
    /// Stands for a trap, which would end the tests: the wrong decoder gives up on a key that comes twice.
    case stopsAtDuplicateKey
    /// A character of a text that is not ASCII becomes two.
    case doublesForeigners
    /// One route with all the weight is taken for none if its role is not the usual one.
    case losesOddRole
  }

  @Test(arguments: Mistake.allCases)
  func `a planted mistake is found before its time is over`(mistake: Mistake) throws {
    var fuzz = try CommandFuzz(CommandTests.commands)
    var run = FuzzRun("commands with a decoder that \(mistake)", seconds: 30, isToFind: true)
    fuzz.decode = { record throws(Refusal) in try Self.decode(record, mistake) }
    let problem = run.firstProblem { fuzz.check(fuzz.next(&$0)) }
    run.finish()
    #expect(problem != nil, "not found in \(run.cases) cases, seed \(run.generator.seed)")
  }

  private static func decode(_ record: TopicRecord, _ mistake: Mistake) throws(Refusal) -> CommandEnvelope {
    var envelope = try CommandCodec.decode(record)
    switch (mistake, envelope.command) {
    case (.stopsAtDuplicateKey, _):
      let text = String(decoding: record.value ?? [], as: UTF8.self)
      if text.ranges(of: "\"model\":").count > 1 { throw Refusal(.malformed, "") }
    case (.doublesForeigners, .rollback(var rollback)):
      rollback.reason = rollback.reason.map { String($0.flatMap { $0.isASCII ? [$0] : [$0, $0] }) }
      envelope.command = .rollback(rollback)
    case (.losesOddRole, .traffic(var traffic)):
      if traffic.routes.count == 1, traffic.routes[0].role != "primary" { traffic.routes = [] }
      envelope.command = .traffic(traffic)
    default: break
    }
    return envelope
  }
}
