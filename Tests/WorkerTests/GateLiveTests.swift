import Domain
import Foundation
import Testing

@testable import understudy

/// Releases that begin to fail while they are live.
@Suite("Gate of what is live", .ownThreads)
struct GateLiveTests {
  @Test("P3: a live release that begins to fail is stopped and replaced by the one before, without losing a request")
  func beginsToFail() throws {
    let scene = try GateScene(["gate.interval_seconds: 1"])
    let failing = try scene.announceUnsteady()
    let client = scene.client
    try client.wait("the gate fails") {
      client.events.contains { $0.type == .gateFailed && $0.version == failing }
    }
    try client.wait("1 is live again") {
      client.events.last { $0.type == .releaseLive }.map { $0.version == "1" && $0.fromVersion == failing } ?? false
    }
    let live = client.events.last { $0.type == .releaseLive }
    #expect(live?.cause == "gate" && live?.commandID == nil)
    let failure = client.events.last { $0.type == .gateFailed }
    #expect(failure?.report?.hasPassed == false && failure?.message?.isEmpty == false)
    try scene.awaitProgress(200)
    #expect(client.status()?.held.isEmpty == true)
    // Nothing keeps the next release from going live.
    #expect(
      try scene.announce(
        GateRelease("good") {
          $0.graph = "times_3"; $0.factor = 3
        }
      ).outcome == "live")
    let findings = try scene.findings()
    #expect(findings.isExactlyOnce, "\(findings)")
    #expect(try scene.worker.terminate() == 0)
  }

  @Test("P3: a set that is corrupted on disk stops its release")
  func corruptedSet() throws {
    let scene = try GateScene(["gate.interval_seconds: 1"])
    let end = try scene.announce(
      GateRelease("2") {
        $0.graph = "times_3"; $0.factor = 3
      })
    let digest = try TestClient.some(end.digest, "digest").dropFirst("sha256:".count)
    let path = "\(scene.scene.workplace.path)/worker-0/releases/\(digest)/end_to_end.jsonl"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacing("3.0", with: "9.0").write(toFile: path, atomically: false, encoding: .utf8)
    let client = scene.client
    try client.wait("1 is live again") { client.events.last { $0.type == .releaseLive }?.version == "1" }
    let failure = client.events.last { $0.type == .gateFailed }
    #expect(failure?.version == "2" && failure?.reason == .digestMismatch)
    #expect(failure?.message?.contains("end_to_end.jsonl") == true)
    try scene.awaitProgress(50)
    let findings = try scene.findings()
    #expect(findings.isExactlyOnce, "\(findings)")
    #expect(try scene.worker.terminate() == 0)
  }

  @Test("P3: a live release whose files are gone keeps none back, and the report says that nothing was compared")
  func unreadable() throws {
    let scene = try GateScene()
    let route = try TestClient.some(scene.client.status()?.routes.first, "route")
    let digest = route.digest.dropFirst("sha256:".count)
    try FileManager.default.removeItem(
      atPath: "\(scene.scene.workplace.path)/worker-0/releases/\(digest)/manifest.json")
    let end = try scene.announce(
      GateRelease("2") {
        $0.graph = "times_3"; $0.factor = 3
      })
    #expect(end.outcome == "live")
    let comparison = scene.client.events.last { $0.type == .releaseProbed && $0.version == "2" }?.report?.comparison
    #expect(comparison?.version == "1")
    #expect(comparison?.note == "the files of the live release could not be read, so nothing was compared")
    let findings = try scene.findings()
    #expect(findings.isExactlyOnce, "\(findings)")
    #expect(try scene.worker.terminate() == 0)
  }

  /// The embedded broker does not store the offsets of transactions, which is why this is proved at least once.
  @Test(
    "P3: with nothing valid left requests go to a healthy worker or wait, and a good release brings the worker back")
  func nothingLeft() throws {
    let scene = try GateScene(["gate.interval_seconds: 1"], first: nil) { $0.delivery = "at_least_once" }
    let client = scene.client
    _ = try scene.announceUnsteady(workers: ["worker-0"])
    // It may fail before the lane has joined its group.
    try client.wait("worker-0 serves, or has stopped already") {
      client.responses.count >= 100 || client.status("worker-0")?.stopped[GateRelease.model] != nil
    }
    let second = try scene.start {
      $0.slot = "worker-1"
      $0.delivery = "at_least_once"
    }
    #expect(try scene.announce(GateRelease("2"), workers: ["worker-1"]).outcome == "live")
    try client.wait("worker-0 has stopped its release") {
      client.status("worker-0")?.stopped[GateRelease.model] != nil
    }
    try client.wait("worker-0 leaves") { scene.worker.log.contains("leaving the group") }
    // Requests that were sent after that are answered by the other one, in every partition.
    let mark = client.responses.count
    try client.wait("worker-1 answers in every partition") {
      let new = client.responses.dropFirst(mark).filter {
        String(decoding: $0.value ?? [], as: UTF8.self).contains("worker-1")
      }
      return Set(new.map(\.partition)).count == client.partitions
    }
    #expect(try second.terminate() == 0)
    let alone = scene.load.count
    // Nobody serves: they wait.
    #expect(try scene.announce(GateRelease("3"), workers: ["worker-0"]).outcome == "live")
    try client.wait("worker-0 answers what has waited") { client.responses.count >= alone }
    let findings = try scene.findings()
    #expect(findings.isAtLeastOnce, "\(findings)")
    #expect(try scene.worker.terminate() == 0)
  }

  // MARK: Kills

  @Test(
    "P6: killed while a release is proved, a worker comes back serving, and the release goes live once",
    arguments: [FailPoint.begun, .probed, .loaded])
  func killed(_ point: FailPoint) throws {
    let scene = try GateScene(first: GateRelease("1"), partitions: 1) { $0.delivery = "at_least_once" }
    let client = scene.client
    #expect(try scene.worker.terminate() == 0)
    let command = try scene.send(
      GateRelease("2") {
        $0.graph = "times_3"; $0.factor = 3
      })
    let doomed = try scene.start {
      $0.failPoint = point
      $0.delivery = "at_least_once"
    }
    #expect(try doomed.process.exit() == -SIGKILL)
    try scene.restart { $0.delivery = "at_least_once" }
    #expect(try client.awaitEnd(of: command).outcome == "live")
    for type in [EventType.releaseProbed, .releaseGated, .releaseWarmed, .releaseLive] {
      #expect(client.events.count { $0.type == type && $0.version == "2" } == 1, "\(type)")
    }
    let findings = try scene.findings()
    #expect(findings.isAtLeastOnce, "\(findings)")
    #expect(try scene.worker.terminate() == 0)
    #expect(scene.scene.workplace.names("worker-0/releases/incoming").isEmpty)
  }

  @Test("P4: a release whose proof ends the worker three times is refused, and the worker starts and serves")
  func cutThreeTimes() throws {
    let scene = try GateScene(first: GateRelease("1"), partitions: 1) { $0.delivery = "at_least_once" }
    #expect(try scene.worker.terminate() == 0)
    let command = try scene.send(
      GateRelease("2") {
        $0.graph = "times_3"; $0.factor = 3
      })
    for _ in 1...Limits.attemptsPerStep {
      let doomed = try scene.start {
        $0.failPoint = .begun
        $0.delivery = "at_least_once"
      }
      #expect(try doomed.process.exit() == -SIGKILL)
    }
    try scene.restart { $0.delivery = "at_least_once" }
    let end = try scene.client.awaitEnd(of: command)
    #expect(end.reason == .loadFailed && end.message?.contains("3 times") == true, "\(end)")
    try scene.awaitProgress(50)
    try scene.client.wait("the status shows 1") { scene.client.status()?.routes.first?.version == "1" }
    #expect(try scene.findings().isAtLeastOnce)
    #expect(try scene.worker.terminate() == 0)
  }
}
