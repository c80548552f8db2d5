import Domain
import Foundation
import Kafka
import Testing
import Wire

@testable import understudy

/// Requests that must hurt nobody but themselves.
@Suite("Bad input", .ownThreads)
struct BadInputTests {
  private struct Case {
    var name: String
    var value: [UInt8]?
    var reasons: Set<ResponseReason>
    var headers: [RecordHeader] = []
  }

  private static func context(_ change: (inout [String: String]) -> Void) -> [UInt8] {
    var fields: [String: String] = [:]
    if case .object(let row)? = try? JSON(parsing: Example.rows[0]) {
      for field in row { fields[field.name] = String(decoding: field.value.bytes, as: UTF8.self) }
    }
    change(&fields)
    return Array("{\(fields.map { "\"\($0)\":\($1)" }.joined(separator: ","))}".utf8)
  }

  private static let cases: [Case] = [
    Case(name: "empty", value: [], reasons: [.decodeFailed]),
    Case(name: "null", value: nil, reasons: [.decodeFailed]),
    Case(name: "not-json", value: Array("mean_radius=17.99".utf8), reasons: [.decodeFailed]),
    Case(
      name: "not-utf8", value: Array("{\"note\":\"".utf8) + [0xC3, 0x28, 0xFF] + Array("\"}".utf8),
      reasons: [.decodeFailed]),
    Case(name: "scalar", value: Array("42".utf8), reasons: [.decodeFailed, .schemaMismatch]),
    Case(name: "nobody", value: Array("[]".utf8), reasons: [.schemaMismatch]),
    Case(
      name: "deep", value: Array((String(repeating: "[", count: 50_000) + String(repeating: "]", count: 50_000)).utf8),
      reasons: [.decodeFailed]),
    Case(
      name: "huge-array", value: Array(("[" + String(repeating: "{},", count: 299_998) + "{}]").utf8),
      reasons: [.tooLarge, .schemaMismatch]),
    Case(name: "huge-garbage", value: [UInt8](repeating: 0x41, count: 900_000), reasons: [.decodeFailed]),
    Case(name: "wrong-type", value: context { $0["mean_radius"] = "\"lots\"" }, reasons: [.schemaMismatch]),
    Case(name: "nested-field", value: context { $0["mean_radius"] = "{\"a\":[1]}" }, reasons: [.schemaMismatch]),
    Case(name: "missing-field", value: context { $0["mean_radius"] = nil }, reasons: [.missingField]),
    Case(name: "null-field", value: context { $0["mean_radius"] = "null" }, reasons: [.missingField, .schemaMismatch]),
    Case(name: "out-of-range", value: context { $0["mean_radius"] = "-1" }, reasons: [.outOfRange]),
    Case(name: "not-finite", value: context { $0["mean_radius"] = "1e39" }, reasons: [.notFinite, .outOfRange]),
    Case(
      name: "unknown-model", value: context { _ in }, reasons: [.unknownModel],
      headers: [RecordHeader("x-model", "nobody")]),
    Case(
      name: "unknown-version", value: context { _ in }, reasons: [.unknownVersion],
      headers: [RecordHeader("x-model-version", "9")]),
    Case(
      name: "denied-reply", value: context { _ in }, reasons: [.replyTopicDenied],
      headers: [RecordHeader("kafka_replyTopic", "somewhere.else")]),
  ]

  @Test("P7 P9: each bad request gets one error and one dead letter with its bytes; its neighbours are scored")
  func badRequests() throws {
    let scene = try Scene(partitions: 1)
    let client = scene.client
    let worker = try scene.servingWorker()
    var sent: [(Case, key: [UInt8], headers: [RecordHeader], offset: Int64)] = []
    for (number, bad) in Self.cases.enumerated() {
      let next = client.requests.count
      try client.send(next..<next + 5)
      let key: [UInt8] = [0, 0xFF, UInt8(number)]
      let headers =
        [RecordHeader("x-request-id", bad.name), RecordHeader("binary", [0, 1, 0xFF]), RecordHeader("none", nil)]
        + bad.headers
      let record = TopicRecord(key: key, value: bad.value, headers: headers)
      sent.append((bad, key, headers, try client.send(record)))
    }
    try client.send(client.requests.count..<client.requests.count + 5)
    try client.awaitAnswers()
    try client.wait("a dead letter for each") { client.deadLetters.count >= Self.cases.count }

    #expect(client.findings().isExactlyOnce, "\(client.findings())")
    #expect(client.responses.count == client.requests.count + Self.cases.count)
    #expect(client.deadLetters.count == Self.cases.count)
    for (bad, key, headers, offset) in sent {
      let answers = client.responses.filter { $0.header("x-request-id") == bad.name }
      #expect(answers.count == 1, "\(bad.name)")
      guard let answer = answers.first, let json = try? JSON(parsing: answer.value ?? []) else { continue }
      #expect(json["id"] == .text(bad.name))
      #expect(json["status"] == .text("error") && answer.header("x-status") == "error" && answer.key == key)
      guard case .text(let text)? = json["error"]?["reason"], let reason = ResponseReason(rawValue: text) else {
        Issue.record("\(bad.name) has no reason of the contract")
        continue
      }
      #expect(bad.reasons.contains(reason), "\(bad.name): \(text)")
      guard let letter = client.deadLetters.first(where: { $0.header("x-request-id") == bad.name }) else {
        Issue.record("\(bad.name) has no dead letter")
        continue
      }
      #expect(letter.key == key && letter.value == bad.value, "\(bad.name): original bytes")
      #expect(Array(letter.headers.prefix(headers.count)) == headers, "\(bad.name): original headers")
      #expect(letter.header("__connect.errors.topic") == scene.broker.topics.requests[0].name)
      #expect(letter.header("__connect.errors.partition") == "0")
      #expect(letter.header("__connect.errors.offset") == String(offset))
      #expect(letter.header("x-error-reason") == text)
    }
    #expect(try worker.terminate() == 0)
  }

  @Test(
    "P7: a reply topic that is not there, one that is, and a response that no topic takes: one answer each, no stall")
  func destinations() throws {
    let scene = try Scene(partitions: 2, model: "echo", replies: ["reply"])
    let client = scene.client
    let reply = scene.broker.replies[0]
    let worker = try scene.worker {
      $0.lines = [#"replies: {allow: ["\#(scene.broker.name)[.]reply.*"]}"#, "gate: {policy: optional}"]
    }
    try client.awaitEnd(of: try client.publish(try HandmadeRelease.echo(in: scene.workplace)))
    func send(_ id: String, bytes: Int = 3, _ headers: [RecordHeader] = []) throws {
      let body = #"{"id":"\#(id)","flat":"\#(String(repeating: "a", count: bytes))"}"#
      try client.send(TopicRecord(value: Array(body.utf8), headers: headers), partition: 1)
    }
    try send("first")
    try send("gone", [RecordHeader("kafka_replyTopic", "\(reply)-gone")])
    try send("here", [RecordHeader("kafka_replyTopic", reply), RecordHeader("kafka_replyPartition", [0, 0, 0, 0])])
    try send("nowhere", [RecordHeader("kafka_replyTopic", reply), RecordHeader("kafka_replyPartition", [0, 0, 0, 9])])
    try send("role", [RecordHeader("kafka_replyTopic", scene.broker.topics.control)])
    try send("large", bytes: 600_000)
    try send("last")

    try client.wait("every request is answered") { client.responses.count + (client.records[reply] ?? []).count >= 7 }
    let errors = [
      "gone": "reply_topic_denied", "nowhere": "reply_topic_denied", "role": "reply_topic_denied", "large": "too_large",
    ]
    var order: [String] = []
    for record in client.responses {
      let json = try JSON(parsing: record.value ?? [])
      guard case .text(let id)? = json["id"] else { continue }
      order.append(id)
      #expect(record.partition == 1)
      #expect(json["error"]?["reason"] == errors[id].map(JSON.text), "\(id)")
      if errors[id] == nil { #expect(json["outputs"]?["second_flat"] == .text("aaa")) }
    }
    #expect(order == ["first", "gone", "nowhere", "role", "large", "last"])
    let replied = client.records[reply] ?? []
    #expect(replied.count == 1 && replied.first?.partition == 0 && replied.first?.header("x-status") == "ok")
    try client.wait("dead letters") { client.deadLetters.count >= errors.count }
    #expect(client.deadLetters.count == errors.count)
    #expect(!worker.log.contains("transaction failed"))
    #expect(try worker.terminate() == 0)
  }

  @Test("P7: a reply topic that the worker may not write to is known after one aborted transaction, and denied")
  func unwritable() throws {
    let scene = try Scene(partitions: 1, model: "echo", replies: ["reply"], alwaysEmbedded: true)
    let client = scene.client
    let reply = scene.broker.replies[0]
    let worker = try scene.worker {
      $0.lines = [#"replies: {allow: ["\#(scene.broker.name)[.]reply.*"]}"#, "gate: {policy: optional}"]
    }
    try client.awaitEnd(of: try client.publish(try HandmadeRelease.echo(in: scene.workplace)))
    var answers = 0
    func exchange(_ id: String, _ headers: [RecordHeader] = []) throws {
      try client.send(TopicRecord(value: Array(#"{"id":"\#(id)","flat":"a"}"#.utf8), headers: headers), partition: 0)
      answers += 1
      try client.wait("\(id) is answered") { client.responses.count >= answers }
    }
    try exchange("first")
    // What a broker answers to AddPartitionsToTxn.
    scene.broker.embedded?.failNextRequests(apiKey: 24, with: [29])
    try exchange("theirs", [RecordHeader("kafka_replyTopic", reply)])
    try exchange("again", [RecordHeader("kafka_replyTopic", reply)])
    try exchange("last")
    let reasons = try client.responses.map { try JSON(parsing: $0.value ?? [])["error"]?["reason"] }
    #expect(reasons == [nil, .text("reply_topic_denied"), .text("reply_topic_denied"), nil])
    #expect((client.records[reply] ?? []).isEmpty)
    #expect(worker.log.components(separatedBy: "[Kafka] transaction failed").count == 2, "\(worker.log)")
    #expect(try worker.terminate() == 0)
  }
}
