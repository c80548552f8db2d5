import Domain
import Foundation
import Glibc
import Testing

@testable import understudy

/// What a worker process tells of itself over HTTP.
@Suite("Watching a worker", .ownThreads)
struct AdminTests {
  /// Asks a worker process; nil if nobody answers.
  private func get(_ path: String, port: Int) -> (status: Int, body: String)? {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isConnected = unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(socket, $0, size) == 0 }
    }
    let request = Array("GET \(path) HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".utf8)
    guard isConnected, unsafe send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
      return nil
    }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe recv(socket, &piece, piece.count, 0)
      guard count > 0 else { break }
      bytes += piece[..<count]
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.firstRange(of: "\r\n\r\n"), let status = Int(text.dropFirst(9).prefix(3)) else { return nil }
    return (status, String(text[end.upperBound...]))
  }

  /// The port that a worker says it has found.
  private func port(of worker: WorkerProcess) throws -> Int {
    try waitFor("the admin API is bound; \(worker.log)") {
      guard let start = worker.log.firstRange(of: "http=127.0.0.1:") else { return nil }
      let rest = worker.log[start.upperBound...]
      // The log may be read while a line is being written.
      guard rest.contains("\n") else { return nil }
      return Int(rest.prefix { $0.isNumber })
    }
  }

  @Test("A worker is not ready before its first release and ready after it; metrics count what it answers")
  func watched() throws {
    let scene = try Scene()
    let client = scene.client
    let worker = try scene.worker { $0.http = "127.0.0.1:0" }
    let port = try port(of: worker)
    try waitUntil("the state is restored") {
      guard let early = get("/readyz", port: port) else { return false }
      #expect(early.status == 503)
      return early.body.contains("no_live_release") && early.body.contains("not_in_group")
    }
    #expect(get("/livez", port: port)?.status == 200)
    #expect(get("/metrics", port: port)?.body.contains("\nunderstudy_ready 0\n") == true)

    try client.awaitEnd(of: try client.publish("1.0.0"))
    try client.send(0..<30)
    try client.send(TopicRecord(value: Array("no JSON".utf8)))
    try client.awaitAnswers()
    try waitUntil("ready") { get("/readyz", port: port)?.status == 200 }

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
      text = get("/metrics", port: port)?.body ?? ""
      return expected.allSatisfy { text.contains("\n\($0)\n") }
    }
    for stage in ["decode", "model", "guard", "encode", "produce", "commit"] {
      #expect(!text.contains("understudy_stage_duration_seconds_count{stage=\"\(stage)\"} 0\n"), "\(stage)")
      #expect(text.contains("understudy_stage_duration_seconds_count{stage=\"\(stage)\"} "), "\(stage)")
    }
    #expect(text.contains(#"role="active",version="1.0.0"} 1"#))
    #expect(text.contains("understudy_build_info{"))
    #expect(text.contains("\nprocess_resident_memory_bytes "))
    let status = try #require(get("/status", port: port))
    #expect(status.status == 200 && status.body.contains(#""version":"1.0.0""#))
    #expect(try worker.terminate() == 0)
    #expect(get("/livez", port: port) == nil)
  }

  @Test("A second worker with the same address stops and says what to do, if it was asked for; its state is let go")
  func taken() throws {
    let scene = try Scene()
    let first = try scene.worker { $0.http = "127.0.0.1:0" }
    let port = try port(of: first)
    let second = try scene.worker {
      $0.slot = "worker-1"; $0.http = "127.0.0.1:\(port)"
    }
    #expect(try second.process.exit() == 1)
    #expect(second.log.contains("http.bind: 127.0.0.1:\(port) is in use"), "\(second.log)")
    #expect(try first.terminate() == 0)
  }
}
