import Domain
import TestSupport
import Testing
import Wire

@Suite struct CommandTests {
  static let digest = "sha256:" + String(repeating: "0a", count: 32)
  static let ready = ModelReady(
    identity: ReleaseIdentity(model: "car-loan", version: "2", digest: digest), archiveDigest: digest, size: 182_000,
    uri: "kafka:understudy.releases/0/10-12", activate: .manual)

  static let commands: [CommandEnvelope] = [
    CommandEnvelope(id: "a", source: "ops", command: .modelReady(ready), expiresAt: 1_795_425_480_000),
    CommandEnvelope(
      id: "b", source: "ops", command: .rollback(Rollback(model: "m", to: nil)), ifCurrent: "3", isDryRun: true),
    CommandEnvelope(
      id: "c", source: "ops", command: .rollback(Rollback(model: "m", to: "1", hold: false, reason: "é\n"))),
    CommandEnvelope(
      id: "d", source: "ops", command: .traffic(Traffic(model: "m", routes: [.init(version: "2", weight: 100)])),
      targetGroups: ["g"], targetWorkers: []),
    CommandEnvelope(
      id: "e", source: "ops",
      command: .traffic(
        Traffic(model: "m", routes: [.init(version: "1", weight: 90), .init(version: "2", weight: 10, role: "canary")]))
    ),
    CommandEnvelope(
      id: "f", source: "ops", command: .retire(Retire(model: "m", version: "1")), targetWorkers: ["w", "x"]),
    CommandEnvelope(id: "g", source: "ops", command: .pause(Pause(scope: .consume, until: 5, reason: "r"))),
    CommandEnvelope(id: "h", source: "ops", command: .pause(Pause(scope: .activation, model: "m"))),
    CommandEnvelope(id: "i", source: "ops", command: .resume(Resume(scope: .activation, model: "m", reason: "r"))),
    CommandEnvelope(id: "j", source: "ops", command: .resume(Resume(scope: .consume))),
  ]

  @Test(arguments: commands)
  func `a command reads back from binary mode`(envelope: CommandEnvelope) throws {
    let record = CommandCodec.encode(envelope, time: 1)
    #expect(try CommandCodec.decode(record) == envelope)
    #expect(record.key == envelope.command.model.map { Array($0.utf8) })
    #expect(record.header("ce_type") == "io.understudy.\(envelope.command.kind.rawValue).v1")
    #expect(record.header("ce_time") == "1970-01-01T00:00:00.001Z")
  }

  @Test(arguments: commands)
  func `a command reads the same from structured mode`(envelope: CommandEnvelope) throws {
    let record = CommandCodec.encode(envelope)
    var document = JSON.object([.init("data", try JSON(parsing: record.value ?? []))])
    for header in record.headers where header.name.hasPrefix("ce_") {
      document.set(String(header.name.dropFirst(3)), toOptional: record.header(header.name))
    }
    #expect(try CommandCodec.decode(structured(document.bytes)) == envelope)
  }

  @Test(arguments: [
    "application/cloudevents+json", "Application/CloudEvents+JSON; charset=utf-8", "application/cloudevents",
  ])
  func `the one line of the documentation is a rollback`(contentType: String) throws {
    let line =
      #"{"specversion":"1.0","id":"r1","type":"io.understudy.rollback.v1","source":"ops","data":{"model":"car-loan","to":"previous","reason":"INC-204"}}"#
    let envelope = try CommandCodec.decode(structured(Array((line + "\n").utf8), contentType))
    #expect(
      envelope
        == CommandEnvelope(
          id: "r1", source: "ops", command: .rollback(Rollback(model: "car-loan", to: nil, reason: "INC-204"))))
  }

  @Test func `defaults stand in for what is left out, and unknown fields are ignored`() throws {
    let data =
      #"{"model":"m","version":"1","release":{"digest":"\#(Self.digest)","archive_sha256":"\#(Self.digest.dropFirst(7))","size":1,"uri":"file:/r.tar"},"later":[1]}"#
    let envelope = try CommandCodec.decode(event("io.understudy.model.ready.v1", data))
    guard case .modelReady(let ready) = envelope.command else { Issue.record("another kind"); return }
    #expect(ready.activate == .auto && ready.archiveDigest == Self.digest && ready.uri == "file:/r.tar")
    #expect(envelope.expiresAt == nil && envelope.ifCurrent == nil && !envelope.isDryRun)
    #expect(envelope.targetGroups == nil && envelope.targetWorkers == nil)
  }

  /// Type, data, reason, message; all in structured mode with id `x`.
  static let refused: [(type: String, data: String, reason: RefusalReason, message: String)] = [
    (
      "io.understudy.explode.v1", "{}", .unknownKind,
      #"type: expected one of "io.understudy.model.ready.v1", "io.understudy.rollback.v1", "io.understudy.traffic.v1", "io.understudy.retire.v1", "io.understudy.pause.v1", "io.understudy.resume.v1", got "io.understudy.explode.v1""#
    ),
    (
      "io.understudy.rollback.v2", "7", .unknownKind,
      #"type: expected one of "io.understudy.model.ready.v1", "io.understudy.rollback.v1", "io.understudy.traffic.v1", "io.understudy.retire.v1", "io.understudy.pause.v1", "io.understudy.resume.v1", got "io.understudy.rollback.v2""#
    ),
    ("io.understudy.rollback.v1", "7", .malformed, "data: expected an object, got 7"),
    ("io.understudy.rollback.v1", "null", .malformed, "data: expected an object, got nothing"),
    ("io.understudy.rollback.v1", "{}", .malformed, "data.model: expected a string, got nothing"),
    (
      "io.understudy.rollback.v1", #"{"model":"a/b"}"#, .malformed,
      #"data.model: expected at most 64 letters, digits and . _ -, not starting with a dot, got "a/b""#
    ),
    ("io.understudy.rollback.v1", #"{"model":"m","to":3}"#, .malformed, "data.to: expected a string, got 3"),
    (
      "io.understudy.rollback.v1", #"{"model":"m","hold":"no"}"#, .malformed,
      #"data.hold: expected true or false, got "no""#
    ),
    (
      "io.understudy.rollback.v1", #"{"model":"m","dry_run":1}"#, .malformed,
      "data.dry_run: expected true or false, got 1"
    ),
    (
      "io.understudy.rollback.v1", #"{"model":"m","if_current":1}"#, .malformed,
      "data.if_current: expected a string, got 1"
    ),
    (
      "io.understudy.rollback.v1", #"{"model":"m","targets":[]}"#, .malformed,
      "data.targets: expected an object, got an array of 0"
    ),
    (
      "io.understudy.rollback.v1", #"{"model":"m","targets":{"workers":"w"}}"#, .malformed,
      #"data.targets.workers: expected an array, got "w""#
    ),
    (
      "io.understudy.traffic.v1", #"{"model":"m","routes":[]}"#, .malformed,
      "data.routes: expected weights that sum to 100, got 0"
    ),
    (
      "io.understudy.traffic.v1", #"{"model":"m","routes":[{"version":"1","weight":99}]}"#, .malformed,
      "data.routes: expected weights that sum to 100, got 99"
    ),
    (
      "io.understudy.traffic.v1", #"{"model":"m","routes":[{"version":"1","weight":101}]}"#, .malformed,
      "data.routes[0].weight: expected an integer from 0 to 100, got 101"
    ),
    ("io.understudy.retire.v1", #"{"model":"m"}"#, .malformed, "data.version: expected a string, got nothing"),
    (
      "io.understudy.pause.v1", #"{"scope":"all"}"#, .malformed,
      #"data.scope: expected one of "consume", "activation", got "all""#
    ),
    ("io.understudy.pause.v1", #"{"scope":"activation"}"#, .malformed, "data.model: expected a string, got nothing"),
    (
      "io.understudy.pause.v1", #"{"scope":"consume","until":"soon"}"#, .malformed,
      #"data.until: expected a time as RFC 3339 writes it, got "soon""#
    ),
    (
      "io.understudy.model.ready.v1", #"{"model":"m","version":"1"}"#, .malformed,
      "data.release: expected an object, got nothing"
    ),
    (
      "io.understudy.model.ready.v1", #"{"model":"m","version":"1","release":{"uri":"ftp:x"}}"#, .malformed,
      #"data.release.uri: expected a URI that begins with kafka:, http:, https: or file:, got "ftp:x""#
    ),
    (
      "io.understudy.model.ready.v1", #"{"model":"m","version":"1","release":{"uri":"file:x","digest":"sha256:0"}}"#,
      .malformed, #"data.release.digest: expected sha256: and 64 lowercase hexadecimal digits, got "sha256:0""#
    ),
    (
      "io.understudy.model.ready.v1",
      #"{"model":"m","version":"1","activate":"now","release":{"uri":"file:x","size":1,"digest":"\#(digest)","archive_sha256":"\#(digest)"}}"#,
      .malformed, #"data.activate: expected one of "auto", "manual", "canary", "shadow", got "now""#
    ),
  ]

  @Test(arguments: refused.indices)
  func `P4: a command that is not understood is refused with its id, and the message names the place`(number: Int) {
    let (type, data, reason, message) = Self.refused[number]
    expectRefusal(event(type, data), Refusal(reason, message, commandID: "x"))
  }

  @Test func `P4: what is no command is refused, with its id if it has one`() {
    expectRefusal(TopicRecord(), Refusal(.malformed, "value: expected a CloudEvent, got nothing"))
    expectRefusal(
      TopicRecord(value: Array("{}".utf8)),
      Refusal(
        .malformed, "headers: expected content-type: application/cloudevents+json, or ce_id and its like, got neither"))
    expectRefusal(structured(Array("{".utf8)), nil)
    expectRefusal(structured(Array("[]".utf8)), Refusal(.malformed, "expected an object, got an array of 0"))
    expectRefusal(structured(Array("{}".utf8)), Refusal(.malformed, "specversion: expected a string, got nothing"))
    expectRefusal(
      structured(Array(#"{"specversion":"0.3","id":"x"}"#.utf8)),
      Refusal(.malformed, #"specversion: expected "1.0", got "0.3""#, commandID: "x"))
    expectRefusal(
      structured(Array(#"{"specversion":"1.0","id":7}"#.utf8)),
      Refusal(.malformed, "id: expected a string, got nothing"))
    expectRefusal(
      structured(Array("[]".utf8), "application/cloudevents-batch+json"),
      Refusal(.malformed, #"content-type: expected one event, not a batch, got "application/cloudevents-batch+json""#))
    expectRefusal(
      TopicRecord(value: Array("x".utf8), headers: [RecordHeader("ce_id", "x")]),
      Refusal(
        .malformed,
        "value: expected JSON data, got not a JSON document: brackets, commas or words are wrong, or something follows its end",
        commandID: "x"))
    expectRefusal(
      TopicRecord(
        value: Array("{}".utf8),
        headers: [
          RecordHeader("ce_id", "x"), RecordHeader("ce_specversion", "1.0"), RecordHeader("ce_source", "s"),
          RecordHeader("ce_type", "io.understudy.pause.v1"), RecordHeader("ce_expirytime", "soon"),
        ]), Refusal(.malformed, #"ce_expirytime: expected a time as RFC 3339 writes it, got "soon""#, commandID: "x"))
  }

  @Test func `P8: a command larger than the limit is refused with its id`() {
    let value = Array(repeating: UInt8(ascii: " "), count: Limits.commandBytes + 1)
    expectRefusal(
      TopicRecord(value: value, headers: [RecordHeader("ce_id", "x")]),
      Refusal(.malformed, "value: expected at most 1048576 bytes, got 1048577", commandID: "x"))
  }

  @Test func `P4: a command with bytes changed never stops the reader`() {
    var generator = SeededGenerator()
    for envelope in Self.commands {
      for _ in 0..<500 {
        var record = CommandCodec.encode(envelope)
        var value = record.value ?? []
        if let at = value.indices.randomElement(using: &generator) {
          value[at] = .random(in: 0...255, using: &generator)
        }
        record.value = value
        _ = try? CommandCodec.decode(record)
      }
    }
  }

  private func event(_ type: String, _ data: String) -> TopicRecord {
    structured(Array(#"{"specversion":"1.0","id":"x","type":"\#(type)","source":"s","data":\#(data)}"#.utf8))
  }

  private func structured(_ value: [UInt8], _ contentType: String = "application/cloudevents+json") -> TopicRecord {
    TopicRecord(value: value, headers: [RecordHeader("content-type", contentType)])
  }

  private func expectRefusal(_ record: TopicRecord, _ expected: Refusal?) {
    do throws(Refusal) {
      _ = try CommandCodec.decode(record)
      Issue.record("accepted")
    } catch {
      if let expected { #expect(error == expected) }
    }
  }
}
