import Domain
import Glibc
import Synchronization
import Testing

@testable import AdminAPI

@Suite("The admin API over HTTP")
struct HTTPTests {
  @Test("Readiness and liveness answer 503 with reasons, then 200, as JSON")
  func health() async throws {
    let health = FakeHealth()
    try await withAdmin(health) { port in
      let early = try await RawClient.request("GET", "/readyz", port: port)
      #expect(early.status == 503)
      #expect(early.headers["content-type"] == "application/json")
      #expect(early.body.contains(#""status":"not_ready","reasons":[{"reason":"starting","message":""#))
      health.setServing()
      let late = try await RawClient.request("GET", "/readyz", port: port)
      #expect(late.status == 200 && late.body == #"{"status":"ready","reasons":[],"notes":[]}"#)
      #expect(try await RawClient.request("GET", "/livez", port: port).status == 200)
      health.setProblem("the control thread \"hangs\"")
      let dead = try await RawClient.request("GET", "/livez", port: port)
      #expect(dead.status == 503 && dead.body == #"{"status":"failing","reason":"the control thread \"hangs\""}"#)
    }
  }

  @Test("Metrics have Prometheus' content type, the status is the document of the status topic")
  func documents() async throws {
    try await withAdmin { port in
      let metrics = try await RawClient.request("GET", "/metrics?x=1", port: port)
      #expect(metrics.status == 200)
      #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      #expect(metrics.body.contains(#"understudy_bounds_reached_total{bound="http_connections"} 0"#))
      #expect(metrics.body.hasSuffix("\n"))
      let status = try await RawClient.request("GET", "/status", port: port)
      #expect(status.status == 200 && status.body.hasPrefix(#"{"group":"g","slot":"s","updated_at":"1970"#))
    }
  }

  @Test("HEAD has the headers of GET and no body; other methods and paths are refused as JSON")
  func methods() async throws {
    try await withAdmin { port in
      for path in ["/metrics", "/status", "/livez", "/readyz"] {
        let (get, head) = (
          try await RawClient.request("GET", path, port: port), try await RawClient.request("HEAD", path, port: port)
        )
        #expect(head.status == get.status && head.body.isEmpty, "\(path)")
        #expect(head.headers["content-type"] == get.headers["content-type"])
        #expect(head.headers["content-length"] != nil)
      }
      let post = try await RawClient.request("POST", "/metrics", port: port)
      #expect(post.status == 405 && post.headers["allow"] == "GET, HEAD")
      #expect(post.body == #"{"error":{"code":"UNIMPLEMENTED","message":"/metrics takes GET and HEAD"}}"#)
      for path in ["/", "/metric", "/metrics/", "/../status"] {
        let missing = try await RawClient.request("GET", path, port: port)
        #expect(missing.status == 404 && missing.body.contains("NOT_FOUND"), "\(path)")
      }
      #expect(try await RawClient.request("DELETE", "/nothing", port: port).status == 404)
    }
  }

  @Test("P8: headers that are too large, bodies and nonsense end the connection, and others are served on")
  func hostile() async throws {
    try await withAdmin { port in
      let line = "GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n"
      let large = String(repeating: "x", count: 2 * Limits.adminHeaderBytes)
      let many = (0...2 * Limits.adminHeaders).map { "h\($0): x\r\n" }.joined()
      for text in ["\(line)big: \(large)\r\n\r\n", "\(line)\(many)\r\n", "nonsense\r\n\r\n", "\u{1}\u{2}\r\n\r\n"] {
        let answer = try await RawClient.exchange(text, port: port)
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(80))")
      }
      // The body is thrown away, the answer is that of the request without it.
      let body = try await RawClient.exchange("\(line)content-length: 5\r\n\r\nhello", port: port)
      #expect(body.hasPrefix("HTTP/1.1 200"))
      let endless = try await RawClient.exchange(
        "POST /livez HTTP/1.1\r\nhost: a\r\ncontent-length: 10000000\r\n\r\n\(large)", port: port)
      #expect(endless.isEmpty || endless.hasPrefix("HTTP/1.1 405"))
      #expect(try await RawClient.request("GET", "/livez", port: port).status == 200)
    }
  }

  @Test("Clients that say nothing do not keep the API from ending")
  func ending() async throws {
    let began = Mutex(ContinuousClock.now)
    try await withAdmin { port in
      try await offPool { for _ in 0..<3 { _ = try RawClient.connect(port: port, host: "127.0.0.1") } }
      #expect(try await RawClient.request("GET", "/livez", port: port).status == 200)
      began.withLock { $0 = .now }
    }
    // They would be waited for as long as a request may take.
    #expect(began.withLock { $0 }.duration(to: .now) < .seconds(Limits.adminRequestSeconds - 10))
  }

  @Test("An address that was asked for and is taken stops the worker with what to do; the default one does not")
  func taken() async throws {
    try await withAdmin { port in
      let address = AdminAddress(host: "127.0.0.1", port: port)
      let error = await #expect(throws: (any Error).self) {
        try await withAdmin(at: address) { _ in Issue.record("two servers on one port") }
      }
      #expect(error as? AdminError == .addressInUse(address))
      #expect("\(AdminError.addressInUse(address))".contains("http.bind: off"))
    }
  }

  @Test("IPv6 works")
  func version6() async throws {
    try await withAdmin(at: AdminAddress(host: "::1", port: 0)) { port in
      let answer = try await RawClient.request("GET", "/livez", port: port, host: "::1")
      #expect(answer.status == 200)
    }
  }

  @Test(
    "Addresses are read as people write them",
    arguments: [
      ("127.0.0.1:8080", AdminAddress(host: "127.0.0.1", port: 8080)),
      ("localhost:0", AdminAddress(host: "localhost", port: 0)),
      ("[::1]:8080", AdminAddress(host: "::1", port: 8080)), ("::1:8080", nil), ("[a]:1", nil), (":80", nil),
      ("a", nil), ("a:", nil), ("a:65536", nil), ("a:-1", nil), ("a b:1", nil), ("http://a:1", nil), ("[::1]", nil),
    ] as [(String, AdminAddress?)])
  func addresses(text: String, address: AdminAddress?) {
    #expect(AdminAddress(text) == address)
    if let address { #expect(AdminAddress(address.description) == address) }
  }
}
