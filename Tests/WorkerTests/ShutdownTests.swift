import Domain
import Foundation
import Kafka
import TestSupport
import Testing

@testable import understudy

/// Workers that are told to end, again and again, while requests and commands come.
@Suite("Shutdown", .ownThreads)
struct ShutdownTests {
  @Test(
    "P1: told to end under load, twelve times or with UNDERSTUDY_LONG a hundred times, a worker ends promptly with 0, does nothing twice and loses nothing",
    // A start costs seconds with the embedded broker, most of which it makes a group wait.
    arguments: 0..<(isLongRun ? 10 : 3))
  func terminations(_ seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    // Plain commits, which the embedded broker stores: what ends in an orderly way doubles nothing with them either.
    let delivery = RealBroker.address == nil ? "at_least_once" : "exactly_once"
    let scene = try GateScene(partitions: 2) { $0.delivery = delivery }
    var commands: [String] = []
    var excused = 0
    for round in 0..<(isLongRun ? 10 : 4) {
      // Every fourth while it starts: until it says something the system has not begun to run it.
      try waitUntil("the worker begins") { !scene.worker.log.isEmpty }
      let answers = round % 4 == 3 ? 0 : Int.random(in: 1...300, using: &generator)
      try scene.awaitAnswers(answers)
      if round % 2 == 1 { commands.append(try scene.send(GateRelease("later-\(round)"))) }
      let started = ContinuousClock.now
      let code = try scene.worker.terminate(within: promptness)
      #expect(code == 0, "seed \(seed), round \(round): \(scene.worker.log.suffix(3000))")
      if delivery == "at_least_once", scene.worker.mayHaveRepeated { excused += 1 }
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
    let isRight = excused > 0 ? findings.isAtLeastOnce && findings.reordered.isEmpty : findings.isExactlyOnce
    #expect(isRight, "seed \(seed), ends behind which answers may come again: \(excused): \(findings)")
    // A worker that never commits its last answers would be excused each time.
    #expect(excused <= (isLongRun ? 2 : 1), "\(scene.worker.log.suffix(3000))")
    #expect(try scene.worker.terminate(within: promptness) == 0)
  }

  @Test(
    "P1: told to end while no broker answers, a worker ends soon with 0, and its successor goes on",
    arguments: ["exactly_once", "at_least_once"])
  func withoutBroker(_ delivery: String) throws {
    let scene = try GateScene(partitions: 2, alwaysEmbedded: true) { $0.delivery = delivery }
    try scene.awaitAnswers(200)
    let broker = try TestClient.some(scene.scene.broker.embedded, "embedded broker")
    broker.setDown(true)
    // Some of them are in a transaction, events and a status wait.
    let started = ContinuousClock.now
    // A call that is under way takes up to twice its ten seconds, since librdkafka looks at its time-out only when a request
    // is over; then come those of a lane that is to end, the last news, and as long again for a busy machine.
    let code = try scene.worker.terminate(
      within: .milliseconds(2 * (20_000 + Limits.closeMilliseconds + 6 * Limits.lastCallMilliseconds)))
    print("told to end without a broker (\(delivery)): took \(started.duration(to: .now))")
    #expect(code == 0, "\(scene.worker.log.suffix(3000))")
    // The embedded broker does not store the offsets of transactions: with those nobody could go on.
    guard delivery == "at_least_once" else { return }
    broker.setDown(false)
    try scene.restart { $0.delivery = delivery }
    try scene.awaitAnswers(200)
    let findings = try scene.findings()
    #expect(findings.isAtLeastOnce, "\(findings)")
    #expect(try scene.worker.terminate(within: promptness) == 0)
  }
}
