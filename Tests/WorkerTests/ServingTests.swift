import Artifacts
import Domain
import Foundation
import Testing

@testable import understudy

/// Workers as processes, under load.
@Suite("Serving", .ownThreads)
struct ServingTests {
  @Test(
    "P1 P2 P5: swaps and rollbacks under load lose, double, reorder and mix up nothing; rollback to warm reads no file")
  func swapsUnderLoad() throws {
    let scene = try Scene()
    let client = scene.client
    let worker = try scene.servingWorker()
    var ends: [Event] = []
    ends.append(try loadUntilEnd(of: try client.publish("2.0.0"), client))

    // Warm means in memory: the files of what we go back to may be gone.
    let digest = try Example.source("1.0.0").release.identity.digest.dropFirst("sha256:".count)
    let stored = "\(scene.workplace.path)/worker-0/releases/\(digest)"
    #expect(FileManager.default.fileExists(atPath: stored))
    try FileManager.default.removeItem(atPath: stored)
    ends.append(try loadUntilEnd(of: try client.rollback(to: "1.0.0"), client))
    ends.append(
      try loadUntilEnd(
        of: try client.command(.traffic(Traffic(model: Example.model, routes: [.init(version: "2.0.0", weight: 100)]))),
        client))
    ends.append(try loadUntilEnd(of: try client.rollback(to: "previous", hold: false), client))

    #expect(ends.map(\.type) == [.commandApplied, .commandApplied, .commandApplied, .commandApplied])
    #expect(ends.map(\.version) == ["2.0.0", "1.0.0", "2.0.0", "1.0.0"])
    #expect(ends.map(\.fromVersion) == ["1.0.0", "2.0.0", "1.0.0", "2.0.0"])
    #expect(ends.map(\.generation) == [2, 3, 4, 5])
    try client.awaitAnswers()
    let findings = client.findings()
    #expect(findings.isExactlyOnce, "\(findings)")
    #expect(Set(client.answers.map(\.generation)) == [1, 2, 3, 4, 5])
    #expect(client.deadLetters.isEmpty)

    let told = try activations(client)
    #expect(told.count == 5)
    let disagreements = ResponseChecker.disagreements(client.requests, client.answers, activations: told)
    #expect(disagreements.isEmpty, "first_offsets and responses disagree: \(disagreements.prefix(10)) \(told)")
    #expect(try worker.terminate() == 0)
  }

  /// Publishes requests until a command has ended, and a few more.
  private func loadUntilEnd(of command: String, _ client: TestClient) throws -> Event {
    func burst() throws {
      let next = client.requests.count
      try client.send(next..<next + 60)
      try client.read()
    }
    let end = try waitFor("\(command) ends under load") {
      // No more than is answered soon: what a slow machine has to answer would have no end.
      if client.requests.count < client.responses.count + 2000 { try burst() } else { try client.read() }
      return client.endings(of: command).first
    }
    for _ in 0..<3 { try burst() }
    return end
  }

  private func activations(_ client: TestClient) throws -> [(generation: Int, first: [Int32: Int64])] {
    let topic = client.broker.topics.requests[0].name
    return try client.events.filter { $0.type == .releaseLive }.map { event in
      var first: [Int32: Int64] = [:]
      for (name, offset) in event.firstOffsets ?? [:] {
        #expect(name.hasPrefix("\(topic)-"))
        first[try TestClient.some(Int32(name.dropFirst(topic.count + 1)), "partition in \(name)")] = offset
      }
      return (try TestClient.some(event.generation, "generation"), first)
    }
  }

  @Test("P1: SIGTERM under load ends the worker promptly with exit code 0, and its successor answers the rest")
  func terminate() throws {
    let scene = try Scene()
    let first = try scene.servingWorker {
      $0.delivery = "at_least_once"
      // Who loses its place for want of time answers twice.
      $0.kafka["session.timeout.ms"] = "12000"
    }
    try scene.client.send(3..<3000)
    try scene.client.awaitProgress(100)
    #expect(try first.terminate(within: promptness) == 0)
    #expect(first.log.contains("stopped"))
    try scene.client.wait("the status is taken back") { scene.client.status() == nil }
    let second = try scene.worker { $0.delivery = "at_least_once" }
    try scene.client.awaitAnswers()
    let findings = scene.client.findings()
    // A clean end commits what it has answered, so that even here nothing is answered twice.
    #expect(findings.isExactlyOnce, "\(findings)")
    #expect(try second.terminate() == 0)
  }

  @Test("A second process with the same state ends with 75 and names slot and state; the first one serves on")
  func locked() throws {
    let scene = try Scene()
    let first = try scene.servingWorker()
    let second = try scene.worker {
      $0.slot = "worker-1"; $0.state = "worker-0"
    }
    #expect(try second.process.exit() == 75)
    #expect(second.log.contains("slot worker-0"))
    #expect(second.log.contains("\(scene.workplace.path)/worker-0"))
    try scene.client.send(3..<60)
    try scene.client.awaitAnswers()
    #expect(scene.client.findings().isExactlyOnce)
    #expect(try first.terminate() == 0)
  }

  @Test("P1: a pause keeps requests waiting, and the end of it answers all of them once")
  func pause() throws {
    let scene = try Scene()
    let client = scene.client
    let worker = try scene.servingWorker()
    try client.awaitEnd(of: try client.command(.pause(Pause(scope: .consume, reason: "migration"))))
    try client.wait("the status shows the pause") { client.status()?.paused["consume"] == "migration" }
    // The lane commits and pauses at its next turn; a version pinned by none is a marker that it has done so: nothing
    // comes after.
    try client.wait("the lane has paused") { worker.log.contains("paused") }
    try client.send(3..<300)
    // Commands are obeyed meanwhile; when a switch has come and gone, what was published before it would have been
    // answered.
    try client.awaitEnd(of: try client.publish("2.0.0"))
    #expect(client.answers.count == 3)
    try client.awaitEnd(of: try client.command(.resume(Resume(scope: .consume))))
    try client.awaitAnswers()
    #expect(client.findings().isExactlyOnce, "\(client.findings())")
    #expect(Set(client.answers.dropFirst(3).map(\.version)) == ["2.0.0"])
    #expect(try worker.terminate() == 0)
  }

  @Test("P1: two workers of one group share the partitions, and each request is answered once")
  func twoWorkers() throws {
    let scene = try Scene(partitions: 4)
    let client = scene.client
    // Whoever joins later makes the first one ask for its offsets; the embedded broker stores plain commits only.
    let delivery = scene.broker.embedded == nil ? "exactly_once" : "at_least_once"
    let workers = try ["worker-0", "worker-1"].map { slot in
      try scene.worker {
        $0.slot = slot
        $0.delivery = delivery
        // Who loses its place for want of time answers twice.
        $0.kafka["session.timeout.ms"] = "12000"
      }
    }
    try client.wait("both tell their status") { client.statuses.count == 2 }
    try client.awaitEnd(of: try client.publish("1.0.0"), workers: 2)
    // While the second one joins, the embedded broker refuses plain commits, which Kafka takes from whom a partition is
    // about to leave; what is answered in that time it has to be given out again.
    try client.wait("the partitions are shared out") {
      workers.allSatisfy { $0.heldPartitions.count == 2 } && Set(workers.flatMap(\.heldPartitions)).count == 4
    }
    try client.send(0..<400)
    try client.awaitAnswers()
    do { try client.awaitEnd(of: try client.publish("2.0.0"), workers: 2) } catch {
      throw TestFailure("\(error)\n" + workers.map { "WORKER\n" + $0.log.suffix(6000) }.joined())
    }
    try client.send(400..<800)
    try client.awaitAnswers()
    #expect(client.findings().isExactlyOnce, "\(client.findings())")
    let answerers = client.responses.compactMap { record -> String? in
      let text = String(decoding: record.value ?? [], as: UTF8.self)
      return ["worker-0", "worker-1"].first { text.contains("\"worker\":\"\($0)\"") }.map {
        "\(record.partition) \($0)"
      }
    }
    #expect(Set(answerers).count == 4, "each partition has one worker: \(Set(answerers).sorted())")
    #expect(Set(answerers.map { $0.suffix(1) }).count == 2)
    for worker in workers { #expect(try worker.terminate() == 0) }
  }

  @Test("P6: a new worker decides a backlog of commands first and begins where it ends: v1 live and held")
  func backlog() throws {
    let scene = try Scene()
    let client = scene.client
    try client.publish("1.0.0")
    let second = try client.publish("2.0.0")
    let rollback = try client.rollback(to: "1.0.0")
    try client.send(0..<30)
    let worker = try scene.worker()
    try client.awaitEnd(of: rollback)
    try client.awaitAnswers()
    #expect(client.findings().isExactlyOnce, "\(client.findings())")
    #expect(Set(client.answers.map(\.version)) == ["1.0.0"])
    #expect(Set(client.answers.map(\.generation)) == [1])
    try client.wait("the status shows the hold") {
      client.status()?.held[Example.model] == "test" && client.status()?.routes.map(\.version) == ["1.0.0"]
    }
    try client.awaitEnd(of: second)
    #expect(!client.events.contains { $0.type == .releaseLive && $0.version == "2.0.0" })
    // Held means: an announcement is stored and says which command makes it live.
    let held = try client.awaitEnd(of: try client.publish("2.0.0"))
    #expect(held.reason == .held && held.type == .commandFailed)
    #expect(held.message?.contains("understudy resume") == true)
    #expect(try worker.terminate() == 0)
  }
}
