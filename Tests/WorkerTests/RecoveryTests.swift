import Domain
import Foundation
import StateStore
import Testing
import Wire

@testable import understudy

/// Workers that die at the worst moments.
@Suite("Recovery", .ownThreads)
struct RecoveryTests {
  private static let controlPoints: [FailPoint] = [
    .accepted, .fetched, .verified, .loaded, .activated, .switched, .published,
  ]

  @Test(
    "P6: killed at any step of a publication, a worker comes back with the release live and the command ended once",
    arguments: controlPoints)
  func publication(_ point: FailPoint) throws {
    let scene = try Scene(partitions: 1)
    let client = scene.client
    let doomed = try scene.worker { $0.failPoint = point }
    let command = try client.publish("1.0.0")
    #expect(try doomed.process.exit() == -SIGKILL)

    let worker = try scene.worker()
    try expectLive("1.0.0", generation: 1, by: command, client)
    try expectEndedOnce(command, .commandApplied, client)
    // What was cut is done again, what was recorded is not.
    for type in [
      EventType.commandAccepted, .releaseAnnounced, .releaseFetched, .releaseVerified, .releaseWarmed, .releaseLive,
    ] {
      #expect(client.events.count { $0.type == type } == 1, "\(type)")
    }
    #expect(try worker.terminate() == 0)
    try expectState(scene, live: "1.0.0", generation: 1, warm: ["1.0.0"])
  }

  /// A rollback to a warm release fetches and verifies nothing.
  @Test(
    "P6: killed at any step of a rollback, a worker comes back with the rollback done and the command ended once",
    arguments: [FailPoint.accepted, .loaded, .activated, .switched, .published])
  func rollback(_ point: FailPoint) throws {
    let scene = try Scene(partitions: 1)
    let client = scene.client
    let before = try scene.worker()
    try client.awaitEnd(of: try client.publish("1.0.0"))
    try client.awaitEnd(of: try client.publish("2.0.0"))
    #expect(try before.terminate() == 0)

    let rollback = try client.rollback(to: "1.0.0")
    let doomed = try scene.worker { $0.failPoint = point }
    #expect(try doomed.process.exit() == -SIGKILL)

    let worker = try scene.worker()
    try client.awaitEnd(of: rollback)
    try expectLive("1.0.0", generation: 3, by: rollback, client)
    try expectEndedOnce(rollback, .commandApplied, client)
    #expect(client.status()?.held[Example.model] == "test")
    #expect(client.events.count { $0.type == .releaseLive } == 3)
    #expect(client.events.count { $0.type == .releaseFetched } == 2)
    #expect(try worker.terminate() == 0)
    try expectState(scene, live: "1.0.0", generation: 3, warm: ["1.0.0", "2.0.0"])
  }

  /// The embedded broker does not store the offsets of transactions, so that restarts are proved at least once.
  @Test(
    "P1: a lane killed between answer, offsets and commit loses nothing",
    arguments: [FailPoint.produced, .offsetsSent, .committed])
  func lane(_ point: FailPoint) throws {
    let scene = try Scene()
    let client = scene.client
    try client.publish("1.0.0")
    try client.send(0..<600)
    let doomed = try scene.worker {
      $0.delivery = "at_least_once"
      $0.failPoint = point
    }
    #expect(try doomed.process.exit() == -SIGKILL)
    try client.send(600..<900)
    let worker = try scene.worker { $0.delivery = "at_least_once" }
    try client.awaitAnswers()
    let findings = client.findings()
    #expect(findings.isAtLeastOnce, "\(findings)")
    #expect(try worker.terminate() == 0)
  }

  @Test("P6: a restart comes back with routing and warm set from its state alone, and fetches nothing")
  func restart() throws {
    let scene = try Scene()
    let client = scene.client
    let first = try scene.servingWorker { $0.delivery = "at_least_once" }
    try client.awaitEnd(of: try client.publish("2.0.0"))
    try first.killHard()
    // Everything that it has told.
    try client.wait("its last news") { client.status()?.routes.first?.version == "2.0.0" }
    let before = client.events.count
    try client.send(3..<60)

    let second = try scene.worker { $0.delivery = "at_least_once" }
    try client.awaitAnswers()
    #expect(client.findings().isAtLeastOnce, "\(client.findings())")
    #expect(Set(client.answers.filter { $0.number >= 3 }.map(\.version)) == ["2.0.0"])
    // Both are in memory again: a rollback finds the way back warm, so that no load comes with it.
    let end = try client.awaitEnd(of: try client.rollback(to: "previous"))
    #expect(end.version == "1.0.0" && end.generation == 3)
    #expect(Set(end.timings.keys) == ["switch"])
    let types = Set(client.events.dropFirst(before).map(\.type))
    // What was live has run its test sets again before it served.
    #expect(types == [.gatePassed, .commandAccepted, .commandApplied, .releaseLive], "\(types)")
    #expect(second.log.contains("ready: serving breast-cancer 2.0.0"))
    #expect(try second.terminate() == 0)
  }

  /// The embedded broker does not store the offsets of transactions, which is what a broker that has lost them looks like.
  @Test(
    "P1: a worker whose broker has forgotten its offsets stops and says why, instead of answering all over again",
    .enabled(if: RealBroker.address == nil), arguments: [true, false])
  func forgottenOffsets(isRestarted: Bool) throws {
    let scene = try Scene()
    let first = try scene.servingWorker()
    if isRestarted { #expect(try first.terminate() == 0) }
    // Another member's arrival has the first one ask for its offsets as well.
    let second = try scene.worker { $0.slot = isRestarted ? "worker-0" : "worker-1" }
    let stopped = isRestarted ? second : first
    #expect(try stopped.process.exit() == 1)
    #expect(stopped.log.contains("has served group \(scene.broker.name) before, but the broker has no offset for it"))
    try scene.client.read()
    #expect(!isRestarted || scene.client.findings().isExactlyOnce)
  }

  // MARK: Expectations

  private func expectLive(_ version: String, generation: Int, by command: String, _ client: TestClient) throws {
    try client.awaitEnd(of: command)
    try client.wait("the status shows \(version)") {
      let route = client.status()?.routes.first
      return route?.version == version && route?.generation == generation && route?.commandID == command
    }
  }

  private func expectEndedOnce(_ command: String, _ type: EventType, _ client: TestClient) throws {
    // A rejection that follows says that the worker has gone on to later commands.
    let marker = try client.rollback(to: "none.such")
    try client.awaitEnd(of: marker)
    #expect(client.endings(of: command).map(\.type) == [type])
    #expect(client.events.count { $0.commandID == command && $0.type == .commandAccepted } == 1)
  }

  private func expectState(_ scene: Scene, live: String, generation: Int, warm: Set<String>) throws {
    let directory = try StateDirectory(path: "\(scene.workplace.path)/worker-0", owner: "test")
    let state = try SQLiteStateRepository(directory, reports: GateReportCodec()).load()
    let ledger = try #require(state.models[Example.model])
    #expect(ledger.live?.version == live)
    #expect(ledger.generation == generation)
    #expect(Set(ledger.releases.filter { $0.step.isLoaded }.map(\.identity.version)) == warm)
    #expect(ledger.pendingSwitch == nil)
  }
}
