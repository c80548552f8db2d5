import Domain
import Foundation
import Synchronization
import Testing

@testable import Artifacts

/// Releases over HTTP, from a server that does what the test says.
@Suite("Fetching over HTTP")
struct WebFetchTests {
  private let root: TemporaryDirectory
  private let sample: Sample
  private let archive: [UInt8]

  init() throws {
    root = try TemporaryDirectory()
    sample = try Sample(model: (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    archive = try sample.directory.read("car-loan-1.tar")
  }

  // MARK: Tools

  private func release(_ uri: String) -> ReleaseRecord {
    var record = sample.record
    record.uri = uri
    return record
  }

  private func access(_ patterns: [String], _ change: (inout WebAccess) -> Void = { _ in }) throws -> WebAccess {
    var access = WebAccess(allowList: try URLAllowList(patterns), timeLimit: .seconds(120))
    access.pause = { _, _ in }
    change(&access)
    return access
  }

  private func repository(_ access: WebAccess) -> DiskReleaseRepository {
    DiskReleaseRepository(root: root.path, chunks: FakeChunks(), manifests: FakeManifests(), web: access)
  }

  /// Fetches, and checks that the archive is the very one.
  private func fetch(_ server: ScriptedServer, _ path: String = "/r.tar") throws {
    let record = release(server.url(path))
    try repository(try access(["http://127\\.0\\.0\\.1:.*"])).fetch(record)
    #expect(try root.read("incoming/\(record.archiveDigest.dropFirst(7)).tar") == archive)
  }

  /// What a fetch is refused with; nothing is left behind.
  private func problem(
    _ server: ScriptedServer, _ patterns: [String] = ["http://127\\.0\\.0\\.1:.*"], path: String = "/r.tar",
    _ change: (inout WebAccess) -> Void = { _ in }
  ) throws -> Refusal {
    let repository = repository(try access(patterns, change))
    let refused = refusal { () throws(Refusal) in try repository.fetch(release(server.url(path))) }
    #expect(root.contents.filter { $0 != "incoming" }.isEmpty, "nothing is left behind")
    return try #require(refused)
  }

  private static func head(_ status: String, _ fields: [String] = []) -> ScriptedServer.Step {
    .send((["HTTP/1.1 \(status)", "connection: close"] + fields).joined(separator: "\r\n") + "\r\n\r\n")
  }

  /// The whole archive with its length.
  private static func whole(_ archive: [UInt8], _ fields: [String] = []) -> [ScriptedServer.Step] {
    [head("200 OK", ["content-length: \(archive.count)"] + fields), .body(archive)]
  }

  // MARK: What comes through

  @Test("An archive comes whole, with its length or in chunks, and nothing says who we are")
  func whole() throws {
    let archive = archive
    let server = try ScriptedServer { request in
      if request.path == "/r.tar?sig=secret" { return Self.whole(archive) }
      let half = archive.count / 2
      return [
        Self.head("200 OK", ["transfer-encoding: chunked"]), .send(String(half, radix: 16) + "\r\n"),
        .body(Array(archive[..<half])), .send("\r\n" + String(archive.count - half, radix: 16) + "\r\n"),
        .body(Array(archive[half...])), .send("\r\n0\r\n\r\n"),
      ]
    }
    try fetch(server, "/r.tar?sig=secret")
    #expect(server.requests.map { $0.headers["user-agent"] } == ["understudy"])
    #expect(server.requests[0].headers["range"] == nil && server.requests[0].headers["authorization"] == nil)
    repository(.none).remove(sample.record)
    try fetch(server, "/chunked.tar")
  }

  @Test("A cut transfer goes on where it was, if the tag says that the bytes are the same")
  func resumed() throws {
    let archive = archive
    let server = try ScriptedServer { request in
      let cut = 100_000
      guard let range = request.headers["range"] else {
        return [
          Self.head("200 OK", ["content-length: \(archive.count)", "etag: \"v1\""]), .body(Array(archive[..<cut])),
        ]
      }
      let first = Int(range.dropFirst("bytes=".count).dropLast()) ?? 0
      // The second part is cut too.
      let end = request.number == 1 ? first + 50_000 : archive.count
      return [
        Self.head(
          "206 Partial Content",
          [
            "content-length: \(archive.count - first)",
            "content-range: bytes \(first)-\(archive.count - 1)/\(archive.count)", "etag: \"v1\"",
          ]), .body(Array(archive[first..<end])),
      ]
    }
    try fetch(server)
    #expect(server.requests.map { $0.headers["range"] } == [nil, "bytes=100000-", "bytes=150000-"])
    #expect(server.requests.map { $0.headers["if-range"] } == [nil, "\"v1\"", "\"v1\""])
  }

  @Test(
    "A cut transfer begins anew if the server takes no ranges, has another version, or gave no strong tag",
    arguments: ["no ranges", "another version", "another range", "weak tag", "no tag", "416"])
  func begunAnew(kind: String) throws {
    let archive = archive
    let server = try ScriptedServer { request in
      let tag = kind == "no tag" ? [] : [kind == "weak tag" ? "etag: W/\"v1\"" : "etag: \"v1\""]
      if request.number == 0 {
        return [Self.head("200 OK", ["content-length: \(archive.count)"] + tag), .body(Array(archive[..<100_000]))]
      }
      guard request.headers["range"] != nil, kind != "no ranges" else { return Self.whole(archive, tag) }
      if kind == "416" { return [Self.head("416 Range Not Satisfiable", ["content-length: 0"])] }
      let first = kind == "another range" ? 99_999 : 100_000
      return [
        Self.head(
          "206 Partial Content",
          [
            "content-length: \(archive.count - first)",
            "content-range: bytes \(first)-\(archive.count - 1)/\(archive.count)",
            "etag: \"\(kind == "another version" ? "v2" : "v1")\"",
          ]), .body(Array(archive[first...])),
      ]
    }
    try fetch(server)
    #expect((server.requests[1].headers["range"] == nil) == ["weak tag", "no tag"].contains(kind))
  }

  @Test("A server that is busy is asked again", arguments: ["503 Busy", "429 Slow Down", "500 Oops"])
  func busy(status: String) throws {
    let archive = archive
    let server = try ScriptedServer { request in
      request.number < 2 ? [Self.head(status, ["content-length: 0"])] : Self.whole(archive)
    }
    try fetch(server)
    #expect(server.requests.count == 3)
  }

  // MARK: Redirects

  @Test("Redirects on the allow-list are followed, relative ones too")
  func redirects() throws {
    let archive = archive
    let server = try ScriptedServer { request in
      let number = Int(request.path.dropFirst("/hop".count)) ?? 0
      return number == 5
        ? Self.whole(archive) : [Self.head("302 Found", ["location: hop\(number + 1)", "content-length: 0"])]
    }
    try fetch(server, "/hop0")
    #expect(server.requests.count == Limits.redirectsPerFetch + 1)
  }

  @Test("P9: a redirect off the allow-list, to another scheme or in a loop is refused for good")
  func badRedirects() throws {
    let target = Mutex("")
    let server = try ScriptedServer { _ in
      [Self.head("307 Temporary Redirect", ["location: \(target.withLock { $0 })", "content-length: 0"])]
    }
    let allowed = ["http://127\\.0\\.0\\.1:\(server.port)/r.*"]
    for (location, text) in [
      ("http://127.0.0.1:\(server.port)/elsewhere?token=secret", "fetch.allow"), ("file:///etc/passwd", "http://"),
      ("http://me:secret@127.0.0.1:\(server.port)/r", "no user"),
      ("/r.tar", "at most \(Limits.redirectsPerFetch) redirects"),
    ] {
      target.withLock { $0 = location }
      let refused = try problem(server, allowed)
      #expect(refused.reason == .fetchFailed && !refused.mayRetry, "\(refused)")
      #expect(refused.message.contains(text) && !refused.message.contains("secret"), "\(refused)")
    }
  }

  // MARK: What is refused

  @Test("P8: an allow-list of as many patterns as allowed is taken, and one more is refused")
  func patterns() throws {
    let patterns = Array(repeating: "https://a/.*", count: Limits.fetchPatterns)
    _ = try URLAllowList(patterns)
    #expect(throws: Refusal(.tooLarge, "expected at most 100 patterns, found 101")) {
      try URLAllowList(patterns + ["https://b/.*"])
    }
  }

  @Test("P9: nothing is fetched without an allow-list, nor what no pattern matches as a whole")
  func allowList() throws {
    let server = try ScriptedServer { _ in [] }
    let none = try problem(server, [])
    #expect(none.reason == .unsupported && none.message.contains("`fetch.allow`") && !none.mayRetry)
    for pattern in ["http://127", "127\\.0\\.0\\.1.*", "https://.*", "http://127\\.0\\.0\\.1:\(server.port)/|x"] {
      let refused = try problem(server, [pattern], path: "/r.tar?sig=secret")
      #expect(refused.reason == .fetchFailed && refused.message.contains("fetch.allow"), "\(refused)")
      #expect(!refused.message.contains("secret"))
    }
    #expect(server.requests.isEmpty)
  }

  @Test("P8: an archive of another size than announced is refused, as soon as that is known")
  func sizes() throws {
    let archive = archive
    let server = try ScriptedServer { request in
      switch request.path {
      case "/length": [Self.head("200 OK", ["content-length: \(archive.count + 1)"]), .hang]
      case "/more":
        // Without an end: what is too much must end it.
        [
          Self.head("200 OK", ["transfer-encoding: chunked"]), .send(String(archive.count + 5, radix: 16) + "\r\n"),
          .body(archive + [1, 2, 3, 4, 5]), .hang,
        ]
      default:
        [
          Self.head("200 OK", ["transfer-encoding: chunked"]), .send("4\r\n"), .body(Array(archive[..<4])),
          .send("\r\n0\r\n\r\n"),
        ]
      }
    }
    for (path, found) in [("/length", archive.count + 1), ("/more", archive.count + 5), ("/less", 4)] {
      let refused = try problem(server, path: path)
      #expect(refused.reason == .digestMismatch && !refused.mayRetry, "\(path): \(refused)")
      #expect(refused.message.contains("expected \(archive.count) bytes, as announced"), "\(refused)")
      if path != "/more" { #expect(refused.message.hasSuffix("found \(found)"), "\(refused)") }
    }
    #expect(server.requests.count == 3)
  }

  @Test("Other bytes of the same size are refused before anything reads them")
  func digest() throws {
    var other = archive
    other[1000] ^= 1
    let server = try ScriptedServer { [other] _ in Self.whole(other) }
    let refused = try problem(server)
    #expect(refused.reason == .digestMismatch && refused.message.contains("found sha256:") && !refused.mayRetry)
  }

  @Test("What will not get better is refused at once", arguments: ["404 Not Found", "401 Who", "403 No", "204 Empty"])
  func permanent(status: String) throws {
    let server = try ScriptedServer { _ in [Self.head(status, ["content-length: 0"])] }
    let refused = try problem(server, path: "/r.tar?sig=secret")
    #expect(refused.reason == .fetchFailed && !refused.mayRetry)
    #expect(refused.message.hasSuffix("/r.tar: the server answered with status \(status.prefix(3))"), "\(refused)")
    #expect(server.requests.count == 1)
  }

  @Test("What may get better is given up after some attempts, and says that it may")
  func transient() throws {
    let server = try ScriptedServer { request in
      request.path == "/busy"
        ? [Self.head("503 Busy", ["content-length: 0"])] : [Self.head("200 OK", ["content-length: 100"])]
    }
    let busy = try problem(server, path: "/busy")
    #expect(busy.reason == .fetchFailed && busy.mayRetry && busy.message.contains("status 503"), "\(busy)")
    #expect(server.requests.count == Limits.connectionsPerFetch)

    // A port that nobody listens on any more.
    var closed: ScriptedServer? = try ScriptedServer { _ in [] }
    let url = try #require(closed?.url("/r.tar"))
    closed = nil
    let repository = repository(try access(["http://127.*"]))
    let refused = try #require(refusal { () throws(Refusal) in try repository.fetch(release(url)) })
    #expect(refused.reason == .fetchFailed && refused.mayRetry, "\(refused)")
  }

  @Test("A server that hangs, or stays silent in the middle, is given up in time")
  func slow() throws {
    let archive = archive
    let server = try ScriptedServer { request in
      request.path == "/head" ? [.hang] : Self.whole(archive).dropLast() + [.body(Array(archive[..<1000])), .hang]
    }
    for path in ["/head", "/body"] {
      let started = ContinuousClock.now
      let total = try problem(server, path: path) { $0.timeLimit = .milliseconds(300) }
      #expect(
        total.reason == .fetchFailed && total.mayRetry && total.message.contains("not fetched within"), "\(total)")
      let idle = try problem(server, path: path) { $0.idleLimit = .milliseconds(100) }
      #expect(idle.reason == .fetchFailed && idle.mayRetry, "\(idle)")
      #expect(started.duration(to: .now) < .seconds(60))
    }
  }

  @Test("A fetch that is given up ends at once, from a server that is silent, slow or away, and leaves nothing behind")
  func givenUp() throws {
    let archive = archive
    for path in ["/head", "/body", "/busy"] {
      let giveUp = GiveUp()
      let server = try ScriptedServer { request in
        if request.path != "/busy" { giveUp.now() }
        switch request.path {
        case "/busy": return [Self.head("503 Busy", ["content-length: 0"])]
        case "/head": return [.hang]
        default: return Self.whole(archive).dropLast() + [.body(Array(archive[..<1000])), .hang]
        }
      }
      let repository = repository(try access(["http://127.*"]) { $0.pause = { _, giveUp in giveUp.now() } })
      let refused = refusal { () throws(Refusal) in try repository.fetch(release(server.url(path)), giveUp: giveUp) }
      #expect(refused?.message == "the fetch was given up" && refused?.mayRetry == true)
      #expect(server.requests.count == 1)
      #expect(root.contents.filter { $0 != "incoming" }.isEmpty)
    }
  }

  @Test(
    "URLs are read as they will be sent; messages hold neither user nor query",
    arguments: [
      ("HTTPS://Host.Example:8443/a%20b?x=1#part", "https://host.example:8443/a%20b?x=1"),
      ("http://[::1]:80/a", "http://[::1]:80/a"),
      ("http:///a", nil), ("http://u:secret@host/a", nil), ("http://u@host/a?secret", nil),
      ("https://host/a/../b", nil),
      ("https://host/a/%2e%2e/b", nil), ("https://host/a\\b", nil), ("https://host/a b", nil), ("https:host", nil),
    ] as [(String, String?)])
  func urls(text: String, normalised: String?) throws {
    guard let normalised else {
      let refused = refusal { () throws(Refusal) in _ = try ReleaseLocation(text) }
      #expect(
        refused?.reason == .fetchFailed && refused?.message.contains("secret") == false, "\(refused?.message ?? "")")
      return
    }
    let url = try ReleaseURL(text)
    #expect(url.text == normalised && url.shown == String(normalised.prefix { $0 != "?" }))
    #expect(try ReleaseLocation(text) == .web(url))
  }

  @Test(
    "A range of an answer is read strictly",
    arguments: [
      ("bytes 1-2/3", true), ("Bytes 1-2/*", true), ("bytes 2-1/3", false), ("bytes 1-3/3", false),
      ("bytes */3", false),
      ("items 1-2/3", false), ("bytes 1-2", false), ("bytes -1-2/3", false), ("", false),
    ])
  func contentRange(text: String, isValid: Bool) {
    #expect((ContentRange(text) != nil) == isValid)
  }
}
