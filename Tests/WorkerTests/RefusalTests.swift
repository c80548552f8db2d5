import Artifacts
import Domain
import Foundation
import Kafka
import Testing
import Wire

@testable import understudy

/// Releases and commands that must not hurt what serves.
@Suite("Refusals", .ownThreads)
struct RefusalTests {
  @Test("P4: every broken release and command says why, and the live release answers on throughout")
  func everythingBroken() throws {
    let scene = try Scene()
    let client = scene.client
    let worker = try scene.servingWorker()
    try refuseReleases(scene)
    try refuseCommands(client)
    try refuseRecords(client)

    // After all of that a good one goes live, and what was live is still the way back.
    #expect(try client.awaitEnd(of: try client.publish("2.0.0")).type == .commandApplied)
    try load(client)
    try client.awaitAnswers()
    #expect(client.findings().isExactlyOnce, "\(client.findings())")
    #expect(client.events.filter { $0.type == .releaseLive }.map(\.version) == ["1.0.0", "2.0.0"])
    try client.wait("the status shows the way back") { client.status()?.routes.first?.previous == "1.0.0" }
    #expect(try worker.terminate() == 0)
    // Nothing of what was refused is left on disk.
    #expect(scene.workplace.names("worker-0/releases").filter { $0 != "incoming" }.count == 2)
    #expect(scene.workplace.names("worker-0/releases/incoming").isEmpty)
  }

  private func load(_ client: TestClient) throws {
    let next = client.requests.count
    try client.send(next..<next + 30)
  }

  private func refuseReleases(_ scene: Scene) throws {
    let (client, workplace) = (scene.client, scene.workplace)
    let good = try Example.source("2.0.0")
    var cases: [(String, ModelReady, RefusalReason)] = []
    cases.append(("truncated archive", try HandmadeRelease.truncated(good, in: workplace), .unsafeArchive))
    cases.append(("missing files", try HandmadeRelease.withoutFiles(good, in: workplace), .badManifest))
    for (name, graph, output, width, reason) in [
      ("broken graph", "corrupt.onnx", "y", 1, RefusalReason.loadFailed),
      ("stage of another width", "flat_to_column.onnx", "y", 3, .stageMismatch),
      ("output that nobody makes", "flat_to_column.onnx", "z", 1, .stageMismatch),
      ("graph of a fixed batch", "fixed_batch.onnx", "y", 4, .stageMismatch),
    ] {
      let source = try HandmadeRelease.numbers(
        "bad-\(cases.count)", graph: graph, output: output, width: width, in: workplace)
      let archive = try TestClient.some(source.archive?.path, "archive")
      cases.append((name, try HandmadeRelease.announcement(source.release.identity, archive: archive), reason))
    }
    let other = try HandmadeRelease.numbers("other", graph: "flat_to_column.onnx", in: workplace)
    let ready = try HandmadeRelease.announcement(
      other.release.identity, archive: try TestClient.some(other.archive?.path, "archive"))
    func changed(_ name: String, _ reason: RefusalReason, _ change: (inout ModelReady) -> Void) {
      var copy = ready
      copy.identity.version = "changed-\(cases.count)"
      change(&copy)
      cases.append((name, copy, reason))
    }
    let wrong = "sha256:" + String(repeating: "0", count: 64)
    changed("wrong digest of the archive", .digestMismatch) { $0.archiveDigest = wrong }
    changed("wrong digest of the manifest", .digestMismatch) { $0.identity.digest = wrong }
    changed("wrong size", .digestMismatch) { $0.size -= 1 }
    changed("another release's archive", .badManifest) { _ in }
    changed("no such file", .fetchFailed) {
      $0.archiveDigest = wrong; $0.uri = "file:///nowhere.tar"
    }
    changed("no such chunks", .fetchFailed) {
      $0.archiveDigest = wrong; $0.uri = "kafka:\(scene.broker.topics.releases)/0/0-0"
    }
    changed("a scheme that is not there yet", .unsupported) {
      $0.archiveDigest = wrong; $0.uri = "https://example.org/a.tar"
    }
    for (name, ready, reason) in cases {
      try load(client)
      let end = try client.awaitEnd(of: try client.command(.modelReady(ready)))
      #expect(
        end.type == .commandFailed && end.reason == reason,
        "\(name): \(end.reason?.rawValue ?? "-") \(end.message ?? "")")
      #expect(end.message?.isEmpty == false)
      try client.wait("\(name) is told as a refused release") {
        client.events.contains { $0.type == .releaseRefused && $0.commandID == end.commandID && $0.reason == reason }
      }
      #expect(client.endings(of: end.commandID ?? "").count == 1)
    }
  }

  private func refuseCommands(_ client: TestClient) throws {
    func expect(_ command: Command, _ reason: RefusalReason, _ location: SourceLocation = #_sourceLocation) throws {
      try load(client)
      let end = try client.awaitEnd(of: try client.command(command))
      #expect(end.type == .commandRejected && end.reason == reason, "\(end)", sourceLocation: location)
    }
    try expect(.rollback(Rollback(model: Example.model, to: "9.9.9")), .unknownVersion)
    try expect(.rollback(Rollback(model: "nobody", to: nil)), .unknownVersion)
    try expect(.rollback(Rollback(model: Example.model, to: "bad-2")), .unknownVersion)
    try expect(.traffic(Traffic(model: Example.model, routes: [.init(version: "9.9.9", weight: 100)])), .unknownVersion)
    let halves = [Traffic.Route(version: "1.0.0", weight: 50), .init(version: "2.0.0", weight: 50)]
    try expect(.traffic(Traffic(model: Example.model, routes: halves)), .unsupported)
    try expect(.retire(Retire(model: Example.model, version: "1.0.0")), .unsupported)
    try expect(.retire(Retire(model: Example.model, version: "9.9.9")), .unknownVersion)

    let source = try Example.source("1.0.0")
    let archive = try TestClient.some(source.archive?.path, "archive")
    var ready = try HandmadeRelease.announcement(source.release.identity, archive: archive)
    ready.activate = .canary
    try expect(.modelReady(ready), .unsupported)
    ready.activate = .auto
    ready.identity.digest = "sha256:" + String(repeating: "1", count: 64)
    try expect(.modelReady(ready), .immutableVersion)

    // The same command twice changes something once.
    let id = try client.command(.pause(Pause(scope: .activation, model: Example.model, reason: "twice")))
    #expect(try client.awaitEnd(of: id).type == .commandApplied)
    try client.awaitEnd(of: try client.command(.resume(Resume(scope: .activation, model: Example.model))))
    try client.command(.pause(Pause(scope: .activation, model: Example.model, reason: "twice")), id: id)
    try client.wait("the repeat is rejected") { client.endings(of: id).count == 2 }
    #expect(client.endings(of: id).last?.reason == .duplicate)
    try client.wait("the status shows no pause") { client.status()?.paused[Example.model] == nil }
  }

  /// Records of the control topic that no command can be read from.
  private func refuseRecords(_ client: TestClient) throws {
    let structured = [RecordHeader("content-type", "application/cloudevents+json")]
    func text(_ id: String, _ rest: String) -> String {
      #"{"specversion":"1.0","id":"\#(id)","source":"test",\#(rest)}"#
    }
    let cases: [(TopicRecord, id: String?, RefusalReason)] = [
      (TopicRecord(), nil, .malformed),
      (TopicRecord(value: Array("not json".utf8)), nil, .malformed),
      (TopicRecord(value: [0xFF, 0xFE], headers: structured), nil, .malformed),
      (TopicRecord(value: Array("{}".utf8), headers: structured), nil, .malformed),
      (
        TopicRecord(value: Array(text("u1", #""type":"io.understudy.dance.v1","data":{}"#).utf8), headers: structured),
        "u1",
        .unknownKind
      ),
      (
        TopicRecord(
          value: Array(text("m1", #""type":"io.understudy.rollback.v1","data":{"to":3}"#).utf8), headers: structured),
        "m1", .malformed
      ),
      (
        TopicRecord(
          value: Array(
            text(
              "e1",
              #""type":"io.understudy.rollback.v1","expirytime":"2020-01-01T00:00:00Z","data":{"model":"breast-cancer","to":"1.0.0"}"#
            ).utf8), headers: structured), "e1", .expired
      ),
      (
        TopicRecord(
          value: Array(
            text(
              "s1",
              #""type":"io.understudy.rollback.v1","data":{"model":"breast-cancer","to":"1.0.0","if_current":"7"}"#
            ).utf8),
          headers: structured), "s1", .staleCurrent
      ),
    ]
    for (record, id, reason) in cases {
      let before = client.events.count { $0.type == .commandRejected }
      try load(client)
      let offset = try client.send(record, to: client.broker.topics.control)
      try client.wait("a rejection") { client.events.count { $0.type == .commandRejected } > before }
      let event = try TestClient.some(client.events.last { $0.type == .commandRejected }, "rejection")
      #expect(event.reason == reason && event.commandID == id, "\(event)")
      #expect(event.message?.contains("control offset \(offset)") == true)
    }
  }
}
