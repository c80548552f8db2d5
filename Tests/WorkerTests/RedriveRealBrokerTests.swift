import Domain
import Foundation
import Testing
import Wire

@testable import understudy

/// Redrives that the embedded broker cannot prove: it forgets the offsets of transactions, shows what was aborted and
/// fences nobody.
@Suite("Redriving on real brokers", .ownThreads, .serialized)
struct RedriveRealBrokerTests {
  @Test(
    "P1: killed again and again, also between request and commit, redrives put each letter back exactly once",
    .realBroker("P1: a redrive puts each letter back exactly once through kill -9"))
  func kills() throws {
    let redrive = try RedriveScene()
    let all = 20_000
    try redrive.send(0..<all)
    let points: [FailPoint?] = [.produced, .offsetsSent, nil, .committed, nil, .offsetsSent, .produced]
    for point in points {
      let environment = point.map { ["UNDERSTUDY_FAIL_POINT": $0.rawValue] } ?? [:]
      let process = try redrive.start(records: 1, environment: environment)
      if point == nil {
        let before = try redrive.requestCounts().count
        try waitUntil("it goes on") { try redrive.requestCounts().count > before }
        #expect(process.isRunning, "killed in the middle")
        try process.killHard()
      } else {
        #expect(try process.exit() == -SIGKILL)
      }
    }
    let last = try redrive.run()
    #expect(last.code == 0 && (last.count("redriven") ?? 0) > 0, "\(last)")
    let counts = try redrive.requestCounts()
    #expect(counts.count == all && counts.values.allSatisfy { $0 == 1 })
    let nothing = try redrive.run()
    #expect(nothing.code == 0 && nothing.count("read") == 0, "\(nothing)")
  }

  @Test(
    "P1: of two redrives with one filter at once one ends with 75, and each letter goes back exactly once",
    .realBroker("P1: a second redrive with the same filter is fenced, and nothing is doubled"))
  func two() throws {
    let redrive = try RedriveScene()
    let all = 30_000
    try redrive.send(0..<all)
    let first = try redrive.start(records: 1)
    try waitUntil("the first one redrives") { try !redrive.requests().isEmpty }
    let second = try redrive.start()
    let ended = [first, second].map { process in Result { try process.exit() } }
    let codes = try ended.map { try $0.get() }
    #expect(codes.contains(0) && codes.contains(75), "\(codes)")
    #expect((first.standardError + second.standardError).contains("another process redrives with the same filter"))
    let counts = try redrive.requestCounts()
    #expect(counts.count == all && counts.values.allSatisfy { $0 == 1 })
  }
}
