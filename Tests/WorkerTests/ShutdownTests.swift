import Domain
import Foundation
import TestSupport
import Testing

@testable import understudy

/// Workers that are told to end, again and again, while requests and commands come.
@Suite("Shutdown", .ownThreads)
struct ShutdownTests {
  /// A start costs four seconds with the embedded broker, most of which it makes a group wait.
  private static let isLong = ProcessInfo.processInfo.environment["UNDERSTUDY_LONG"] != nil

  @Test(
    "P1: told to end under load, twelve times or with UNDERSTUDY_LONG a hundred times, a worker ends within 5 s with 0, does nothing twice and loses nothing",
    arguments: 0..<(isLong ? 10 : 3))
  func terminations(_ seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    // Plain commits, which the embedded broker stores: what ends in an orderly way doubles nothing with them either.
    let delivery = RealBroker.address == nil ? "at_least_once" : "exactly_once"
    let scene = try GateScene(partitions: 2) { $0.delivery = delivery }
    var commands: [String] = []
    for round in 0..<(Self.isLong ? 10 : 4) {
      // Every fourth while it starts: until it says something the system has not begun to run it.
      try waitUntil("the worker begins") { !scene.worker.log.isEmpty }
      let answers = round % 4 == 3 ? 0 : Int.random(in: 1...300, using: &generator)
      try scene.awaitAnswers(answers)
      if round % 2 == 1 { commands.append(try scene.send(GateRelease("later-\(round)"))) }
      let started = ContinuousClock.now
      let code = try scene.worker.terminate(within: .seconds(5))
      #expect(code == 0, "seed \(seed), round \(round): \(scene.worker.log.suffix(3000))")
      print("told to end after \(answers) answers (seed \(seed)): took \(started.duration(to: .now))")
      try scene.restart { $0.delivery = delivery }
    }
    for command in commands {
      let end = try scene.client.awaitEnd(of: command)
      // A newer announcement may have come before it was live.
      #expect(end.type == .commandApplied || command != commands.last && end.reason == .superseded, "\(end)")
      #expect(scene.client.endings(of: command).count == 1)
    }
    let findings = try scene.findings()
    #expect(findings.isExactlyOnce, "seed \(seed): \(findings)")
    #expect(try scene.worker.terminate(within: .seconds(5)) == 0)
  }
}
