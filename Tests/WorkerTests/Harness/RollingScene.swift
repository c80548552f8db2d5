import Domain
import Foundation
import Testing

@testable import understudy

/// Workers of one group under load, each of which may be of another build.
final class RollingScene {
  private let scene: Scene
  private let load: SteadyLoad
  private let delivery: String
  private var workers: [String: WorkerProcess] = [:]
  private static let partitions = 4

  private var client: TestClient { scene.client }

  /// Starts a worker for each slot.
  /// - Parameter program: the path of its program.
  init(_ slots: [String], of program: String, delivery: String) throws {
    self.delivery = delivery
    scene = try Scene(partitions: Self.partitions, model: GateRelease.model)
    load = try SteadyLoad(scene.broker, perSecond: 300)
    for slot in slots { workers[slot] = try start(slot, program) }
  }

  private func start(_ slot: String, _ program: String) throws -> WorkerProcess {
    try scene.worker {
      $0.program = program
      $0.slot = slot
      $0.delivery = delivery
      $0.lines = ["gate: {memory_megabytes: 96, deadline_seconds: 100}"]
    }
  }

  private var logs: String { workers.map { "\($0)\n\($1.log.suffix(3000))" }.joined(separator: "\n") }

  // MARK: Commands

  /// By what a version multiplies.
  private static func factor(_ version: String) -> Int { (Int(version) ?? 0).isMultiple(of: 2) ? 3 : 2 }

  /// A release goes live everywhere.
  func announce(_ version: String) throws {
    let release = GateRelease(version) {
      $0.graph = "times_\(Self.factor(version))"
      $0.factor = Double(Self.factor(version))
    }
    try end(client.command(.modelReady(try release.announcement(in: scene.workplace))), live: version)
  }

  /// A kept release goes live everywhere, and holds.
  func rollBack(to version: String) throws {
    try end(
      client.command(.rollback(Rollback(model: GateRelease.model, to: version, reason: "upgrade"))), live: version)
  }

  /// Nothing holds any more.
  func resume() throws {
    let command = try client.command(.resume(Resume(scope: .activation, model: GateRelease.model)))
    try client.awaitEnd(of: command, workers: workers.count)
  }

  private func end(_ command: String, live version: String) throws {
    do { try client.awaitEnd(of: command, workers: workers.count) } catch { throw TestFailure("\(error)\n\(logs)") }
    #expect(client.endings(of: command).allSatisfy { $0.type == .commandApplied }, "\(client.endings(of: command))")
    #expect(client.endings(of: command).count == workers.count)
    try client.wait("all serve version \(version)") {
      workers.keys.allSatisfy { client.status($0)?.routes.first?.version == version }
    }
  }

  // MARK: Builds

  /// Ends a slot's worker and starts another program with its state.
  func replace(_ slot: String, by program: String) throws {
    let (begun, first) = (WallClock.milliseconds, ContinuousClock.now)
    #expect(try workers[slot]?.terminate() == 0)
    let ended = ContinuousClock.now
    workers[slot] = try start(slot, program)
    // No two workers have a partition at once, and each has its half of them, before anything else is asked for.
    do {
      try client.wait("the partitions are shared out") {
        let held = workers.values.map(\.heldPartitions)
        return held.allSatisfy { $0.count == Self.partitions / workers.count }
          && Set(held.joined()).count == Self.partitions
      }
      try client.awaitProgress(300)
    } catch { throw TestFailure("\(error)\n\(logs)") }
    print(
      "\(slot) replaced: ended after \(Self.seconds(first.duration(to: ended))), its partitions were back after "
        + "\(Self.seconds(ended.duration(to: .now))), longest silence of a partition \(silence(since: begun)) ms")
  }

  private static func seconds(_ duration: Duration) -> String {
    "\((duration / .milliseconds(1)).rounded() / 1000) s"
  }

  /// The longest time between two answers in one partition since then, milliseconds.
  private func silence(since begun: Int64) -> Int64 {
    let times = Dictionary(grouping: client.responses.filter { $0.timestamp >= begun }, by: \.partition)
    return times.values.map { records in
      let sorted = [begun] + records.map(\.timestamp).sorted()
      return zip(sorted, sorted.dropFirst()).map { $1 - $0 }.max() ?? 0
    }.max() ?? 0
  }

  // MARK: Accounts

  /// Every request has its answer, right by the release that it names, and in order; then all end.
  func finish() throws {
    let sent = try load.stop()
    try client.awaitKeys(sent.count)
    let requests = sent.map { ResponseChecker.Request(number: $0.number, partition: $0.partition, offset: $0.offset) }
    let answers = client.responses.compactMap(NumberAnswer.init)
    let findings = ResponseChecker.check(requests, answers, number: \.number) { answer, _ in
      answer.output == Double(answer.number * Self.factor(answer.version))
    }
    print("rolling restarts: \(sent.count) requests, \(answers.count) answers")
    #expect(
      RealBroker.address == nil ? findings.isAtLeastOnce && findings.reordered.isEmpty : findings.isExactlyOnce,
      "\(findings)\n\(logs)")
    for worker in workers.values { #expect(try worker.terminate() == 0) }
  }
}
