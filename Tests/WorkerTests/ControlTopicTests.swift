import Domain
import Foundation
import Kafka
import Testing
import Wire

@testable import understudy

/// A control topic as it may be: long, with repeats, with commands out of order and with what is none.
@Suite("Control topic", .ownThreads)
struct ControlTopicTests {
  /// Records that are no commands, each in its own way.
  private static let garbage: [TopicRecord] = [
    TopicRecord(value: nil), TopicRecord(value: []), TopicRecord(value: Array("hello".utf8)),
    TopicRecord(value: Array(#"{"specversion":"1.0","id":"g","type":"io.understudy.dance.v1","source":"x"}"#.utf8)),
    TopicRecord(value: Array(#"{"specversion":"1.0","id":"h","type":"io.understudy.rollback.v1","source":"x"}"#.utf8)),
    TopicRecord(key: [0xFF, 0xFE], value: [UInt8](repeating: 0xFF, count: 3000)),
  ]

  @Test(
    "P5, P6: repeats, commands that overtake others and garbage between them change nothing, and two workers end with the same routing"
  )
  func disorder() throws {
    let scene = try Scene(partitions: 2, model: GateRelease.model)
    let client = scene.client
    let workers = try [worker("worker-0", scene), worker("worker-1", scene)]
    func disturb() throws {
      for record in Self.garbage { try client.send(record, to: scene.broker.topics.control) }
    }
    // Rollbacks that were sent before what they are about arrive first.
    let early = try client.command(.rollback(Rollback(model: GateRelease.model, to: "1", hold: false, reason: "early")))
    try disturb()
    let first = try announcement("1", scene)
    let second = try announcement("2", scene)
    let commands = [try client.command(.modelReady(first)), try client.command(.modelReady(second))]
    try disturb()
    for command in commands { try client.awaitEnd(of: command, workers: 2) }
    let back = try client.command(.rollback(Rollback(model: GateRelease.model, to: "1", hold: true, reason: "back")))
    try client.awaitEnd(of: back, workers: 2)
    // The same again, under the same ids, newest first.
    try client.command(.modelReady(second), id: commands[1])
    try disturb()
    try client.command(.modelReady(first), id: commands[0])
    try client.command(.rollback(Rollback(model: GateRelease.model, to: "2", reason: "other words")), id: back)
    let marker = try client.command(.rollback(Rollback(model: GateRelease.model, to: "none.such", reason: "end")))
    try client.awaitEnd(of: marker, workers: 2)

    for (slot, worker) in zip(["worker-0", "worker-1"], workers) {
      try client.wait(
        "\(slot) serves version 1, told \(client.status(slot).map { "\($0)" } ?? "nothing")\n\(worker.log.suffix(6000))"
      ) {
        client.status(slot)?.routes.first?.version == "1" && client.status(slot)?.held[GateRelease.model] == "back"
      }
    }
    // How often it has switched is each worker's own: who loads the second one first passes over the first.
    #expect(Set(client.statuses.values.map { $0.routes.map(\.digest) }).count == 1)
    for worker in ["worker-0", "worker-1"] {
      func endings(_ id: String) -> [EventType] { client.endings(of: id).filter { $0.worker == worker }.map(\.type) }
      #expect(endings(early) == [.commandRejected])
      #expect(
        client.endings(of: commands[0]).allSatisfy {
          $0.reason == nil || $0.reason == .superseded || $0.reason == .duplicate
        })
      #expect(!endings(commands[0]).isEmpty && endings(commands[1]).first == .commandApplied)
      #expect(endings(back).first == .commandApplied)
      for id in commands + [back] {
        let repeats = client.endings(of: id).filter { $0.worker == worker }.dropFirst()
        #expect(repeats.count == 1 && repeats.allSatisfy { $0.reason == .duplicate }, "\(id): \(endings(id))")
      }
    }
    try client.send(0..<1)
    for worker in workers { #expect(try worker.terminate() == 0) }
  }

  /// Commands of the backlog: what years may leave.
  private static let backlogCount = 10_000

  @Test(
    "P6: a backlog of 10 000 commands is decided first, only what its end needs is fetched, and two workers end with the same routing"
  )
  func backlog() throws {
    let scene = try Scene(partitions: 2, model: GateRelease.model)
    try fill(scene, count: Self.backlogCount)
    let started = ContinuousClock.now
    let workers = try [worker("worker-0", scene), worker("worker-1", scene)]
    let reader = try StatusFollower(scene)
    try waitUntil("both serve version 2\n\(workers[0].log.suffix(2000))", within: .seconds(900)) {
      try reader.read()
      return ["worker-0", "worker-1"].allSatisfy { reader.statuses[$0]?.routes.first?.version == "2" }
    }
    let taken = started.duration(to: .now)
    // What is the way back is fetched after that.
    try waitUntil("both have the version before, too") {
      try reader.read()
      return ["worker-0", "worker-1"].allSatisfy { slot in
        reader.statuses[slot]?.releases.contains { $0.version == "1" && [.stored, .warm].contains($0.step) } == true
      }
    }
    let peaks = try workers.map { try ProcessFigures(of: $0.process.identifier).peakBytes }
    print("\(Self.backlogCount) commands: \(taken), at most \((peaks.max() ?? 0) >> 20) MiB")
    #expect(reader.statuses["worker-0"]?.routes.map(\.previous) == ["1"])
    let routes = reader.statuses.values.map {
      $0.routes.map { "\($0.model) \($0.version) \($0.digest) \($0.previous ?? "-")" }
    }
    #expect(Set(routes).count == 1)
    for (slot, worker) in zip(["worker-0", "worker-1"], workers) {
      #expect(try worker.terminate() == 0)
      #expect(scene.workplace.names("\(slot)/releases").filter { $0 != "incoming" }.count == 2)
      // What was passed over was never asked for: its file is not there, and that would be told. The target of the last
      // rollback is asked for, since that command waits for it.
      let missing = worker.log.components(separatedBy: "cannot open /nowhere/").count - 1
      #expect(missing <= 1, "\(missing)")
    }
  }

  // MARK: Commands

  private func worker(_ slot: String, _ scene: Scene) throws -> WorkerProcess {
    try scene.worker {
      $0.slot = slot
      $0.lines = ["gate: {memory_megabytes: 96}", "retain: 2"]
    }
  }

  private func announcement(_ version: String, _ scene: Scene) throws -> ModelReady {
    try GateRelease(version).announcement(in: scene.workplace)
  }

  /// Announcements of releases that are nowhere, rollbacks, repeats and garbage; and at last two releases.
  private func fill(_ scene: Scene, count: Int) throws {
    let publisher = try Publisher(properties: scene.broker.properties, clientID: "fill", logger: TestBroker.logger)
    var records: [TopicRecord] = []
    for number in 0..<count - 2 {
      switch number % 20 {
      case 7:
        records.append(
          encode(.rollback(Rollback(model: GateRelease.model, to: nil, hold: false, reason: "r")), "r\(number)"))
      case 13: records.append(encode(absent(number - 1), "c\(number - 1)"))
      case 17: records.append(Self.garbage[number / 20 % Self.garbage.count])
      default: records.append(encode(absent(number), "c\(number)"))
      }
    }
    for version in ["1", "2"] {
      records.append(encode(.modelReady(try announcement(version, scene)), "end-\(version)"))
    }
    let topic = scene.broker.topics.control
    for start in stride(from: 0, to: records.count, by: 500) {
      _ = try publisher.publish(
        records[start..<min(start + 500, records.count)].map { .init(topic: topic, record: $0) })
    }
  }

  private func absent(_ number: Int) -> Command {
    let digest = "sha256:" + String(repeating: "0", count: 58) + String(100_000 + number)
    return .modelReady(
      ModelReady(
        identity: ReleaseIdentity(model: GateRelease.model, version: "v\(number)", digest: digest),
        archiveDigest: digest, size: 1000, uri: "file:///nowhere/\(number)"))
  }

  private func encode(_ command: Command, _ id: String) -> TopicRecord {
    CommandCodec.encode(CommandEnvelope(id: id, source: "t", command: command), time: WallClock.milliseconds)
  }
}
