import Domain
import Foundation
import Testing

@testable import understudy

/// What a worker process tells of itself over HTTP.
@Suite("Watching a worker", .ownThreads)
struct AdminTests {
  @Test("A worker is not ready before its first release and ready after it; metrics count what it answers")
  func watched() throws {
    let scene = try Scene()
    let client = scene.client
    let worker = try scene.worker { $0.http = "127.0.0.1:0" }
    let port = try worker.adminPort()
    try waitUntil("the state is restored") {
      guard let early = AdminClient.get("/readyz", port: port) else { return false }
      #expect(early.status == 503)
      return early.body.contains("no_live_release") && early.body.contains("not_in_group")
    }
    #expect(AdminClient.get("/livez", port: port)?.status == 200)
    #expect(AdminClient.get("/metrics", port: port)?.body.contains("\nunderstudy_ready 0\n") == true)

    try client.awaitEnd(of: try client.publish("1.0.0"))
    try client.send(0..<30)
    try client.send(TopicRecord(value: Array("no JSON".utf8)))
    try client.awaitAnswers()
    try waitUntil("ready") { AdminClient.get("/readyz", port: port)?.status == 200 }

    let topic = client.broker.topics.requests[0].name
    let model = #"model="\#(Example.model)""#
    let expected = [
      "understudy_ready 1", #"understudy_records_consumed_total{topic="\#(topic)"} 31"#,
      #"understudy_responses_total{\#(model),status="ok",version="1.0.0"} 30"#,
      #"understudy_responses_total{\#(model),status="error",version="1.0.0"} 1"#,
      #"understudy_errors_total{reason="decode_failed",stage="decode"} 1"#,
      #"understudy_model_swaps_total{\#(model),result="ok"} 1"#, "understudy_end_to_end_latency_seconds_count 31",
      #"understudy_lanes{state="serving"} 1"#, "understudy_outbox_events 0",
      #"understudy_gate_passed{\#(model),version="1.0.0"} 1"#,
    ]
    var text = ""
    try waitUntil("the metrics count everything: \(text)") {
      text = AdminClient.get("/metrics", port: port)?.body ?? ""
      return expected.allSatisfy { text.contains("\n\($0)\n") }
    }
    for stage in ["decode", "model", "guard", "encode", "produce", "commit"] {
      #expect(!text.contains("understudy_stage_duration_seconds_count{stage=\"\(stage)\"} 0\n"), "\(stage)")
      #expect(text.contains("understudy_stage_duration_seconds_count{stage=\"\(stage)\"} "), "\(stage)")
    }
    #expect(text.contains(#"role="active",version="1.0.0"} 1"#))
    #expect(text.contains("understudy_build_info{"))
    #expect(text.contains("\nprocess_resident_memory_bytes "))
    let status = try #require(AdminClient.get("/status", port: port))
    #expect(status.status == 200 && status.body.contains(#""version":"1.0.0""#))
    #expect(try worker.terminate() == 0)
  }

  @Test("P3: a worker whose only release fails its gate while live says so: not ready, and a metric to alert on")
  func stopped() throws {
    let scene = try GateScene(["gate.interval_seconds: 1"], first: nil) { $0.http = "127.0.0.1:0" }
    let port = try scene.worker.adminPort()
    let end = try scene.announce(GateRelease("1"))
    #expect(end.outcome == "live")
    try waitUntil("ready") { AdminClient.get("/readyz", port: port)?.status == 200 }
    #expect(AdminClient.get("/metrics", port: port)?.body.contains("understudy_model_stopped{") == false)
    let digest = try TestClient.some(end.digest, "digest").dropFirst("sha256:".count)
    let path = "\(scene.scene.workplace.path)/worker-0/releases/\(digest)/end_to_end.jsonl"
    try Data("broken".utf8).write(to: URL(fileURLWithPath: path))
    try waitUntil("the failing gate shows") {
      let answer = AdminClient.get("/readyz", port: port)
      return answer?.status == 503 && answer?.body.contains(#""gate_failing""#) == true
    }
    let metrics = AdminClient.get("/metrics", port: port)?.body ?? ""
    #expect(metrics.contains("\nunderstudy_model_stopped{model=\"\(GateRelease.model)\",version=\"1\"} 1\n"))
    _ = try scene.load.stop()
    #expect(try scene.worker.terminate() == 0)
  }

  @Test("A second worker with the same address stops and says what to do, if it was asked for; its state is let go")
  func taken() throws {
    let scene = try Scene()
    let first = try scene.worker { $0.http = "127.0.0.1:0" }
    let port = try first.adminPort()
    let second = try scene.worker {
      $0.slot = "worker-1"; $0.http = "127.0.0.1:\(port)"
    }
    #expect(try second.process.exit() == 1)
    #expect(second.log.contains("http.bind: 127.0.0.1:\(port) is in use"), "\(second.log)")
    #expect(try first.terminate() == 0)
  }
}
