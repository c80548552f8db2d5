import Foundation
import Kafka
import Logging
import Testing
import Wire

@testable import understudy

/// What a bench does on a broker that others use too.
@Suite("The bench on real brokers", .ownThreads, .serialized)
struct BenchRealBrokerTests {
  private let workplace: Workplace

  init() throws { workplace = try Workplace() }

  private func start(_ arguments: [String]) throws -> ProgramProcess {
    let address = try #require(RealBroker.address)
    let release = try PatientRelease.archive(in: workplace)
    return try ProgramProcess(
      ["bench", "--bootstrap", address, "--release", release] + arguments, in: workplace)
  }

  private func topics() throws -> [String] {
    let properties = try ClientProperties(["bootstrap.servers": try #require(RealBroker.address)])
    let directory = try TopicDirectory(properties: properties, logger: Logger(label: "test"))
    return try directory.partitionCounts(waiting: .seconds(10)).keys.sorted()
  }

  @Test(
    "P1: its topics are its own, every request is answered once, and nothing is left",
    .realBroker("a bench leaves no topic behind"))
  func leavesNothing() throws {
    let process = try start(["--records", "2000", "--json"])
    #expect(try process.exit() == 0, "\(process.standardError)")
    let document = try JSON(parsing: Array(process.standardOutput.utf8))
    #expect(document["account"]?["answered_once"] == .integer(2000))
    guard case .text(let group)? = document["group"] else {
      Issue.record("no group in \(document.line)")
      return
    }
    try waitUntil("the topics of \(group) are gone") { try topics().allSatisfy { !$0.hasPrefix(group) } }
  }

  @Test(
    "An interrupt leaves no topic either", .realBroker("an interrupted bench leaves no topic behind"))
  func interrupted() throws {
    let before = Set(try topics())
    let process = try start(["--rate", "50", "--for", "10m"])
    try waitUntil("the load") { process.standardError.contains("warming up") }
    let during = Set(try topics()).subtracting(before).filter { $0.hasPrefix("understudy-bench-") }
    #expect(during.count >= 7)
    process.signal(SIGINT)
    #expect(try process.exit() == 130)
    try waitUntil("the topics are gone") { Set(try topics()).isDisjoint(with: during) }
  }
}
