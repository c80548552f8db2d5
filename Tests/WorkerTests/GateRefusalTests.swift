import Artifacts
import Domain
import Foundation
import Testing

@testable import understudy

/// Releases that do not prove themselves, against a worker under load.
@Suite("Gate refusals", .ownThreads)
struct GateRefusalTests {
  @Test(
    "P3, P4: a release that fails a check is refused with its reason and figures, and the live one misses no request")
  func checks() throws {
    let scene = try GateScene(["gate.minimum: {rmse: 0.5}"])
    try scene.refuse(
      GateRelease("row-off") { $0.error = 0.01 }, .endToEndFailed, saying: "1 of 10 rows", "end_to_end.jsonl:4")
    try scene.refuse(
      GateRelease("too-good") { $0.acceptableRange = "[0.1,1]" }, .metricOutOfRange, saying: "rmse is 0", "0.1 to 1")
    let off = labels { row in Double(row) * 2 + 3 }
    try scene.refuse(
      GateRelease("poor") { $0.texts["confidence.jsonl"] = off }, .metricOutOfRange, saying: "rmse is 3", "0 to 0.1")
    try scene.refuse(
      GateRelease("below-floor") {
        $0.texts["confidence.jsonl"] = off
        $0.acceptableRange = "[0,5]"
      }, .metricOutOfRange, saying: "operator", "0.5")
    try scene.refuse(
      GateRelease("uneven") {
        $0.texts["confidence.jsonl"] = labels { row in Double(row) * 2 + (row % 4 == 0 ? 0.8 : 0) }
        $0.acceptableRange = "[0,5]"
        $0.confidence = #","slices":[{"input":"group","acceptable_range":[0,0.5],"minimum_rows":5}]"#
      }, .unevenErrors, saying: "group", "0.8")
    try scene.refuse(
      GateRelease("no-deadline") { $0.limits = #"{"deadline_ms":0.0001}"# }, .tooSlow, saying: "0.0001")
    try scene.refuse(
      GateRelease("slow") {
        $0.graph = "slow"
        $0.limits = #"{"max_slowdown":3}"#
      }, .tooSlow, saying: "3 times")
    try expectServing(scene)
  }

  @Test("P4: a release that kills its process, hangs or takes all memory is refused, and serving does not notice")
  func violence() throws {
    let scene = try GateScene()
    try scene.refuse(GateRelease("crash") { $0.graph = "crash" }, .loadFailed, saying: "SIGFPE")
    try scene.refuse(GateRelease("bomb") { $0.graph = "memory" }, .outOfMemory, saying: "memory")
    try scene.refuse(
      GateRelease("large") {
        $0.graph = "large"
        $0.appendix = GateRelease.weights(bytes: 160 << 20)
      }, .outOfMemory)
    try expectServing(scene)
    let hanging = try GateScene(gateSeconds: 40)
    try hanging.refuse(GateRelease("hang") { $0.graph = "hang" }, .tooSlow, saying: "40 s", "gate.deadline_seconds")
    try expectServing(hanging)
  }

  @Test("a live release that is loaded beside a new one, to be compared with, does not count against its memory")
  func largeNeighbour() throws {
    let scene = try GateScene()
    for number in 1...2 {
      let end = try scene.announce(
        GateRelease("large-\(number)") {
          $0.graph = "large"
          // Read once and held once while it is loaded: each fits alone, the two together do not.
          $0.appendix = GateRelease.weights(bytes: 28 << 20)
          $0.appendix[$0.appendix.count - 1] = UInt8(number)
        })
      #expect(end.outcome == "live", "\(end)")
    }
    try scene.client.wait("the status shows it") { scene.client.status()?.routes.first?.version == "large-2" }
    // Nor is it why a crash would be taken for a lack of memory.
    try scene.refuse(GateRelease("crash") { $0.graph = "crash" }, .loadFailed, saying: "SIGFPE")
    let findings = try scene.findings()
    #expect(findings.isExactlyOnce, "\(findings)")
    #expect(try scene.worker.terminate() == 0)
  }

  @Test("P4: a hanging release does not block the next one")
  func hangingNeighbour() throws {
    let scene = try GateScene()
    let hang = try GateRelease("hang") { $0.graph = "hang" }.announcement(in: scene.scene.workplace)
    let command = try scene.client.command(.modelReady(hang))
    try scene.client.wait("it is verified") {
      scene.client.events.contains { $0.type == .releaseVerified && $0.version == "hang" }
    }
    // A service manager may tell all of a service's processes to end: the release must not be what pays for it.
    try scene.client.wait("its process takes no notice of signals that end the worker") {
      ProcessFigures.children(of: scene.worker.process.identifier).contains { child in
        [SIGTERM, SIGINT, SIGHUP].allSatisfy { child.ignores($0) }
      }
    }
    #expect(
      try scene.announce(
        GateRelease("2") {
          $0.graph = "times_3"; $0.factor = 3
        }
      ).outcome == "live")
    let end = try scene.client.awaitEnd(of: command)
    #expect(end.reason == .superseded, "\(end)")
    #expect(try scene.findings().isExactlyOnce)
  }

  @Test("P4: a release whose source is silent does not block the next one")
  func silentSource() throws {
    let server = try SilentServer()
    let scene = try GateScene(["fetch.allow: ['http://127.*']"])
    var silent = try GateRelease("silent").announcement(in: scene.scene.workplace)
    silent.uri = "http://127.0.0.1:\(server.port)/silent.tar"
    let command = try scene.client.command(.modelReady(silent))
    try scene.client.wait("it is known") {
      scene.client.status()?.releases.contains { $0.version == "silent" && $0.step == .announced } == true
    }
    #expect(
      try scene.announce(
        GateRelease("2") {
          $0.graph = "times_3"; $0.factor = 3
        }
      ).outcome == "live")
    // Given up, and not waited for until its attempts were used up.
    #expect(!scene.client.events.contains { $0.version == "silent" && $0.type == .releasePostponed })
    let end = try scene.client.awaitEnd(of: command)
    #expect(end.reason == .superseded, "\(end)")
    #expect(try scene.findings().isExactlyOnce)
  }

  @Test("P3: a release without usable sets is refused, and the message names the line")
  func sets() throws {
    let scene = try GateScene()
    try scene.refuse(GateRelease("missing") { $0.hasSets = false }, .noTestSets)
    for (number, (file, text, words)) in [
      ("end_to_end.jsonl", "\n", "end_to_end.jsonl"), ("confidence.jsonl", "", "confidence.jsonl"),
      ("end_to_end.jsonl", #"{"inputs":{"x":1},"outputs":{"y":2}}"# + "\nnonsense\n", "end_to_end.jsonl:2"),
      ("end_to_end.jsonl", #"{"inputs":{"x":1},"outputs":{"z":2}}"# + "\n", "z"),
      ("confidence.jsonl", #"{"inputs":{"w":1},"label":2}"# + "\n", "w"),
      ("confidence.jsonl", #"{"inputs":{"x":1}}"# + "\n", "label"),
    ].enumerated() {
      try scene.refuse(GateRelease("set-\(number)") { $0.texts[file] = text }, .noTestSets, saying: words)
    }
    try expectServing(scene)
  }

  @Test("P3: where the policy lets a release without sets through, events and status say that it is ungated")
  func ungated() throws {
    let scene = try GateScene(["gate.policy: optional"])
    #expect(try scene.announce(GateRelease("2") { $0.hasSets = false }).outcome == "live")
    let gated = scene.client.events.last { $0.type == .releaseGated }
    #expect(gated?.outcome == "ungated" && gated?.report?.isUngated == true)
    try scene.client.wait("the status says so") {
      scene.client.status()?.releases.contains { $0.version == "2" && $0.gate?.isUngated == true } == true
    }
    // A set that is there must pass all the same.
    try scene.refuse(GateRelease("3") { $0.error = 1 }, .endToEndFailed)
    try expectServing(scene, live: "2")
  }

  @Test("P3: errors that cost more than those of the live release are refused")
  func costs() throws {
    let scene = try Scene()
    let worker = try scene.servingWorker()
    let source = try Example.source("2.0.0")
    let manifest = try String(contentsOfFile: "\(source.release.directory)/manifest.json", encoding: .utf8)
    let costs = #""cost": {"benign": {"malignant": 60}, "malignant": {"benign": 1}}, "metric""#
    let changed = manifest.replacing(#""metric""#, with: costs).replacing("2.0.0", with: "2.0.1")
    let release = try HandmadeRelease.copy(source, manifest: changed, in: scene.workplace)
    let end = try scene.client.awaitEnd(of: try scene.client.publish(release))
    #expect(end.reason == .costlierErrors, "\(end)")
    #expect(end.report?.comparison?.version == "1.0.0")
    #expect((end.report?.comparison?.cost ?? 0) > (end.report?.comparison?.liveCost ?? .infinity))
    #expect(try worker.terminate() == 0)
  }

  @Test("P4: new test sets for stages that serve may hang or crash these: the worker does not notice")
  func newSets() throws {
    for (graph, reason) in [("hang_at_minus_one", RefusalReason.tooSlow), ("crash_at_minus_one", .loadFailed)] {
      let scene = try GateScene(
        first: GateRelease("1") { $0.graph = graph }, gateSeconds: graph == "hang_at_minus_one" ? 40 : 200)
      #expect(try scene.announce(GateRelease("2") { ($0.graph, $0.endToEndRows) = (graph, 20) }).outcome == "live")
      try scene.client.wait("the status shows it") { scene.client.status()?.routes.first?.version == "2" }
      try scene.refuse(
        GateRelease("3") {
          $0.graph = graph
          $0.texts["end_to_end.jsonl"] = #"{"inputs":{"x":-1},"outputs":{"y":-2}}"# + "\n"
        }, reason)
      let findings = try scene.findings()
      #expect(findings.isExactlyOnce, "\(findings)")
      #expect(try scene.worker.terminate() == 0)
    }
  }

  // MARK: Parts

  /// The rows of a confidence set with labels of their own.
  private func labels(_ label: (Int) -> Double) -> String {
    (1...40).map { row in
      #"{"inputs":{"x":\#(row),"group":"\#(row % 4 == 0 ? "b" : "a")"},"label":\#(label(row))}"# + "\n"
    }.joined()
  }

  private func expectServing(_ scene: GateScene, live: String = "1") throws {
    #expect(scene.client.status()?.routes.first?.version == live)
    // After all of that a good one goes live.
    #expect(
      try scene.announce(
        GateRelease("good") {
          $0.graph = "times_3"; $0.factor = 3
        }
      ).outcome == "live")
    try scene.awaitProgress(50)
    let findings = try scene.findings()
    #expect(findings.isExactlyOnce, "\(findings)")
    #expect(try scene.worker.terminate() == 0)
    // Nothing of what was refused is left on disk.
    #expect(scene.scene.workplace.names("worker-0/releases/incoming").isEmpty)
    let kept = scene.scene.workplace.names("worker-0/releases").filter { $0 != "incoming" }
    #expect(kept.count <= 3, "\(kept)")
  }
}
