import Domain
import Foundation
import Testing
import Wire

@testable import understudy

/// Guards, fallbacks and several models in a whole worker.
@Suite("Guarded answers", .ownThreads)
struct GuardedWorkerTests {
  /// Announces a release and waits until it is live.
  private static func announce(_ release: GateRelease, _ scene: Scene) throws {
    let ready = try release.announcement(in: scene.workplace)
    let end = try scene.client.awaitEnd(of: try scene.client.command(.modelReady(ready)))
    guard end.type == .commandApplied else { throw TestFailure("\(release.version) is not live: \(end)") }
  }

  private static func send(_ id: String, _ x: Double, _ scene: Scene, _ headers: [RecordHeader] = []) throws {
    try scene.client.send(TopicRecord(value: Array(#"{"id":"\#(id)","x":\#(x)}"#.utf8), headers: headers))
  }

  /// The response to a request, when it is there.
  private static func response(_ id: String, _ scene: Scene) throws -> JSON {
    var found: JSON?
    try scene.client.wait("the answer to \(id)") {
      found = scene.client.responses.lazy.compactMap { try? JSON(parsing: $0.value ?? []) }
        .first { $0["id"] == .text(id) }
      return found != nil
    }
    return found ?? .null
  }

  private static let bounded = #","maximum":200"#
  private static let constant = #","guard":{"constant":{"y":-1}}"#

  @Test("P2 P7: what a release cannot answer the previous one does, then another model, then a constant; each says so")
  func fallbacks() throws {
    let scene = try Scene(partitions: 1, model: GateRelease.model)
    let worker = try scene.worker {
      $0.lines = ["fallback: {doubler: [previous, 'model:simple', constant]}", "gate: {memory_megabytes: 96}"]
    }
    try Self.announce(GateRelease("1") { $0.output = #","maximum":190"# }, scene)
    try Self.announce(
      GateRelease("7") {
        $0.model = "simple"
        $0.output = #","maximum":250"#
      }, scene)
    let tripled = GateRelease("2") {
      ($0.graph, $0.factor, $0.output, $0.members) = ("times_3", 3, Self.bounded, Self.constant)
    }
    try Self.announce(tripled, scene)
    for (id, x) in [("own", 10.0), ("previous", 90), ("simple", 99), ("constant", 500)] { try Self.send(id, x, scene) }
    try Self.send("other model", 120, scene, [RecordHeader("x-model", "simple")])

    let own = try Self.response("own", scene)
    #expect(own["status"] == .text("ok") && own["outputs"]?["y"] == .integer(30))
    let previous = try Self.response("previous", scene)
    #expect(previous["status"] == .text("fallback") && previous["outputs"]?["y"] == .integer(180))
    #expect(previous["version"] == .text("2") && previous["fallback"]?["version"] == .text("1"))
    #expect(previous["fallback"]?["model"] == .text("doubler"))
    #expect(previous["fallback"]?["reason"] == .text("output_rejected"))
    let simple = try Self.response("simple", scene)
    #expect(simple["outputs"]?["y"] == .integer(198))
    #expect(simple["fallback"]?["model"] == .text("simple") && simple["fallback"]?["version"] == .text("7"))
    let constant = try Self.response("constant", scene)
    #expect(constant["outputs"]?["y"] == .integer(-1) && constant["fallback"]?["constant"] == .bool(true))
    let other = try Self.response("other model", scene)
    #expect(other["model"] == .text("simple") && other["outputs"]?["y"] == .integer(240))
    #expect(scene.client.responses.count == 5 && scene.client.deadLetters.isEmpty)
    #expect(scene.client.responses.compactMap { $0.header("x-status") }.filter { $0 == "fallback" }.count == 3)

    // After a rollback the way back is another one, and fallbacks go with it; they too must pass what the release asks.
    try scene.client.awaitEnd(
      of: try scene.client.command(.rollback(Rollback(model: GateRelease.model, to: "1", hold: true))))
    try Self.send("after", 99, scene)
    let after = try Self.response("after", scene)
    #expect(after["version"] == .text("1") && after["status"] == .text("error"))
    #expect(
      after["error"]?["message"]
        == .text(
          "y: the release made 198, expected at most 190; no fallback could answer: previous: no earlier release is in memory; "
            + "simple 7: output_rejected: y: the release made 198, expected at most 190; constant: the manifest has none (guard.constant)"
        ))
    #expect(try worker.terminate() == 0)
  }

  @Test("P6: what leaves its moving average is held, also by the next process, and by the next release")
  func movingAverage() throws {
    let scene = try Scene(partitions: 1, model: GateRelease.model)
    func worker() throws -> WorkerProcess {
      try scene.worker {
        // Plain commits, which the embedded broker stores.
        $0.delivery = "at_least_once"
        $0.lines = ["gate: {memory_megabytes: 96}"]
      }
    }
    let rule = #","guard":{"moving_averages":[{"output":"y","deviations":4,"rows":100,"minimum_rows":30}]}"#
    let first = try worker()
    try Self.announce(GateRelease("1") { $0.members = rule }, scene)
    for number in 0..<60 { try Self.send("usual \(number)", 50 + Double(number % 7), scene) }
    try Self.send("far", 90, scene)
    let far = try Self.response("far", scene)
    #expect(far["status"] == .text("held") && far["outputs"] == nil)
    #expect(far["guard"]?["reason"] == .text("held_for_review") && far["guard"]?["outputs"]?["y"] == .integer(180))
    #expect(try first.terminate() == 0)

    let second = try worker()
    try Self.announce(GateRelease("2") { $0.members = rule }, scene)
    try Self.send("far again", 90, scene)
    try Self.send("near", 53, scene)
    let again = try Self.response("far again", scene)
    #expect(again["status"] == .text("held") && again["version"] == .text("2"))
    #expect(try Self.response("near", scene)["status"] == .text("ok"))
    #expect(scene.client.deadLetters.isEmpty)
    #expect(try second.terminate() == 0)
  }

  @Test("P7: an expired request is told so, a deadline of tomorrow is met")
  func expiry() throws {
    let scene = try Scene(partitions: 1, model: GateRelease.model)
    let worker = try scene.worker { $0.lines = ["gate: {memory_megabytes: 96}"] }
    try Self.announce(GateRelease("1"), scene)
    let tomorrow = Timestamp.text(WallClock.milliseconds + 86_400_000)
    try Self.send("late", 1, scene, [RecordHeader("ce_expirytime", "2020-01-01T00:00:00Z")])
    try Self.send("early", 2, scene, [RecordHeader("ce_expirytime", tomorrow)])
    try Self.send("odd", 3, scene, [RecordHeader("ce_expirytime", "soon")])
    #expect(try Self.response("late", scene)["error"]?["reason"] == .text("expired"))
    #expect(try Self.response("early", scene)["outputs"]?["y"] == .integer(4))
    #expect(try Self.response("odd", scene)["error"]?["reason"] == .text("schema_mismatch"))
    try scene.client.wait("two dead letters") { scene.client.deadLetters.count == 2 }
    #expect(try worker.terminate() == 0)
  }

  @Test(
    "P7: a real model that makes NaN, infinity, too much, too few rows and errors hurts those rows alone, in all forms")
  func hostileModel() throws {
    let scene = try Scene(partitions: 1, model: GateRelease.model)
    let worker = try scene.worker { $0.lines = ["gate: {memory_megabytes: 96}"] }
    try Self.announce(
      GateRelease("1") {
        $0.graph = "edges"
        $0.output = #","minimum":0,"maximum":150"#
      }, scene)
    // What each number must come to: the answer, or the reason.
    let cases: [(x: Double, y: Int64?, reason: String)] = [
      (0, 0, ""), (3, 6, ""), (-1, nil, "output_rejected"), (300, nil, "output_rejected"), (75, 150, ""),
      (76, nil, "output_rejected"), (-600, nil, "model_failed"), (2000, nil, "model_failed"), (7, 14, ""),
    ]
    for round in 0..<3 {
      for (number, tried) in cases.enumerated() { try Self.send("\(round)/\(number)", tried.x, scene) }
    }
    let numbers = cases.map { "\($0.x)" }
    let contexts = numbers.map { "{\"x\":\($0)}" }.joined(separator: ",")
    try scene.client.send(
      TopicRecord(value: Array("[\(contexts)]".utf8), headers: [RecordHeader("x-request-id", "array")]))
    let tensor =
      #"{"id":"tensors","inputs":[{"name":"x","datatype":"FP32","shape":[\#(cases.count)],"data":[\#(numbers.joined(separator: ","))]}]}"#
    try scene.client.send(TopicRecord(value: Array(tensor.utf8)))

    for round in 0..<3 {
      for (number, tried) in cases.enumerated() {
        let answer = try Self.response("\(round)/\(number)", scene)
        #expect(answer["outputs"]?["y"] == tried.y.map(JSON.integer), "\(tried.x): \(answer)")
        #expect(answer["error"]?["reason"] == (tried.y == nil ? .text(tried.reason) : nil), "\(tried.x): \(answer)")
      }
    }
    let array = try Self.response("array", scene)
    #expect(array["status"] == .text("partial"))
    guard case .array(let rows)? = array["rows"] else { throw TestFailure("no rows: \(array)") }
    #expect(rows.map { $0["outputs"]?["y"] } == cases.map { $0.y.map(JSON.integer) })
    #expect(rows.map { $0["error"]?["reason"] } == cases.map { $0.y == nil ? .text($0.reason) : nil })
    _ = try Self.response("tensors", scene)
    let text = String(decoding: scene.client.responses.last?.value ?? [], as: UTF8.self)
    #expect(text.contains(#""data":[0,6,null,null,150,null,null,null,14]}"#), "\(text)")
    let failed = cases.count { $0.y == nil }
    try scene.client.wait("dead letters") { scene.client.deadLetters.count == 3 * failed }
    #expect(scene.client.responses.count == 3 * cases.count + 2)
    #expect(try worker.terminate() == 0)
  }
}
