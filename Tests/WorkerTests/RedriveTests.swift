import Artifacts
import Domain
import Foundation
import Serving
import Testing
import Wire

@testable import understudy

/// Dead letters that go back to where they came from, by the program.
@Suite("Redriving", .ownThreads)
struct RedriveTests {
  /// The example's first release with room for what it had refused.
  private static func widened(in workplace: Workplace) throws -> ReleaseSource {
    let source = try Example.source("1.0.0")
    let manifest = try String(contentsOfFile: "\(source.release.directory)/manifest.json", encoding: .utf8)
      .replacing("\"version\": \"1.0.0\"", with: "\"version\": \"1.0.1\"")
      .replacing("\"minimum\": 0\n", with: "\"minimum\": -5\n", maxReplacements: 1)
    return try HandmadeRelease.copy(source, manifest: manifest, in: workplace)
  }

  @Test("P7: requests that a release has refused are answered when one that can read them is live and they go back")
  func mended() throws {
    let redrive = try RedriveScene(partitions: 2)
    let client = redrive.scene.client
    let worker = try redrive.scene.servingWorker()
    let before = client.responses.count
    for number in 0..<6 {
      let body = String(decoding: Example.body(900 + number), as: UTF8.self)
      // Of a field that comes twice the last counts.
      let bad = body.dropLast() + (number < 4 ? ",\"mean_radius\":-1}" : ",\"mean_radius\":\"lots\"}")
      let key = Array("entity-\(number)".utf8)
      try client.send(TopicRecord(key: key, value: Array(bad.utf8)), partition: Int32(number % 2))
    }
    try client.wait("a dead letter for each") { client.deadLetters.count >= 6 }
    try client.awaitEnd(of: try client.publish(try Self.widened(in: redrive.scene.workplace)))

    let preview = try redrive.run("--reason", "out_of_range", "--dry-run")
    #expect(preview.code == 0 && preview.count("redriven") == 4, "\(preview)")
    let redriven = try redrive.run("--reason", "out_of_range")
    #expect(redriven.code == 0, "\(redriven)")
    #expect(redriven.count("matched") == 4 && redriven.count("redriven") == 4, "\(redriven)")
    #expect(redriven.count("different") == 2, "\(redriven)")
    try client.wait("all go their way") { client.responses.count >= before + 10 }
    let answers = client.answers.filter { $0.number >= 900 }
    let good = answers.filter { $0.status == "ok" }
    #expect(good.map(\.number).sorted() == [900, 901, 902, 903])
    #expect(good.allSatisfy { $0.version == "1.0.1" && $0.partition == Int32($0.number % 2) })
    let keys = client.responses.suffix(4).compactMap { $0.key.map { String(decoding: $0, as: UTF8.self) } }
    #expect(keys.sorted() == ["entity-0", "entity-1", "entity-2", "entity-3"])

    // Nothing is new; another name begins another pass; another filter is another group.
    let again = try redrive.run("--reason", "out_of_range")
    #expect(again.code == 0 && again.count("read") == 0 && again.count("redriven") == 0, "\(again)")
    #expect(try redrive.run("--reason", "out_of_range", "--dry-run").count("redriven") == 0)
    let named = try redrive.run("--reason", "out_of_range", "--name", "again")
    #expect(named.code == 0 && named.count("redriven") == 4, "\(named)")
    #expect(try worker.terminate() == 0)
  }

  @Test(
    "P7 P9: letters go back byte for byte, and what is foreign, forged, cut or fatal stays and is counted")
  func hostile() throws {
    let redrive = try RedriveScene(partitions: 3)
    let own: [[RecordHeader]] = [
      [], [RecordHeader("", []), RecordHeader("a", nil), RecordHeader("a", []), RecordHeader("a", [0, 0xff])],
      [RecordHeader("x-model-version", "9"), RecordHeader("x-error-reason", nil)],
      redrive.added(topic: redrive.scene.broker.topics.control), (0..<300).map { RecordHeader("h", "\($0)") },
    ]
    let originals = own.enumerated().map { number, headers in
      TopicRecord(
        key: number == 0 ? nil : number == 1 ? [] : [0xff, UInt8(number)],
        value: number == 0 ? nil : number == 1 ? [] : [UInt8(number), 0, 0xff], headers: headers)
    }
    // Partition 7 is not there any more.
    let letters = originals.enumerated().map { number, original in
      var letter = original
      letter.headers += redrive.added(partition: number == 4 ? 7 : 2)
      return letter
    }
    let others = [
      TopicRecord(), TopicRecord(value: [1], headers: [RecordHeader("__connect.errors.topic", redrive.requestsTopic)]),
      TopicRecord(value: [2], headers: redrive.added(topic: redrive.scene.broker.topics.control)),
      TopicRecord(headers: redrive.added() + [RecordHeader("x-truncated", "value")]),
      TopicRecord(value: [3], headers: redrive.added(reason: "stage_crashed")),
    ]
    try redrive.send(letters + others)

    let preview = try redrive.run("--dry-run")
    #expect(try redrive.requests().isEmpty, "a dry run writes nothing")
    let outcome = try redrive.run()
    for ended in [preview, outcome] {
      #expect(ended.code == 1, "\(ended)")
      #expect(ended.count("read") == 10 && ended.count("matched") == 7 && ended.count("redriven") == 5, "\(ended)")
      #expect(ended.notRedriven("foreign_topic") == 1 && ended.notRedriven("truncated") == 1, "\(ended)")
      #expect(ended.count("no_letters") == 2, "\(ended)")
      #expect(ended.document?["left"]?["stage_crashed"] == .integer(1), "\(ended)")
      #expect(ended.complaint.contains("2 matching letters could not be redriven"), "\(ended)")
    }
    let requests = try redrive.requests()
    #expect(requests.count == originals.count)
    for (number, original) in originals.enumerated() {
      let copy = requests.first { $0.value == original.value && $0.headers == original.headers }
      #expect(copy?.key == original.key && copy?.partition == (number == 4 ? 1 : 2), "\(number): \(requests)")
    }
    let crashed = try redrive.run("--reason", "stage_crashed")
    #expect(crashed.code == 0 && crashed.count("redriven") == 1, "\(crashed)")
    #expect(try redrive.requests().contains { $0.value == [3] })
  }

  @Test("A redrive of an empty topic ends by itself, and what comes later is the next one's")
  func empty() throws {
    let redrive = try RedriveScene()
    let nothing = try redrive.run()
    #expect(nothing.code == 0 && nothing.count("read") == 0, "\(nothing)")
    try redrive.send(0..<10)
    let some = try redrive.run()
    #expect(some.code == 0 && some.count("redriven") == 10, "\(some)")
    try redrive.send(10..<12)
    let more = try redrive.run()
    #expect(more.code == 0 && more.count("redriven") == 2, "\(more)")
    #expect(try redrive.requestCounts() == Dictionary(uniqueKeysWithValues: (0..<12).map { ($0, 1) }))
  }

  @Test("P1: a redrive that is interrupted ends between two transactions, and the same command goes on")
  func interrupted() throws {
    let redrive = try RedriveScene()
    let all = 12_000
    try redrive.send(0..<all)
    let process = try redrive.start(records: 1)
    try waitUntil("some are back") { try !redrive.requests().isEmpty }
    process.signal(SIGTERM)
    let first = RedriveScene.Outcome(process, code: try process.exit())
    #expect(first.code == 130 && first.document?["outcome"] == .text("interrupted"), "\(first)")
    #expect(first.complaint.contains("the same command goes on"), "\(first)")
    let second = try redrive.run()
    #expect(second.code == 0 && second.document?["outcome"] == .text("done"), "\(second)")
    let redriven = [first, second].compactMap { $0.count("redriven") }
    #expect(redriven.allSatisfy { $0 > 0 } && redriven.reduce(0, +) == Int64(all), "\(redriven)")
    let counts = try redrive.requestCounts()
    #expect(counts.count == all && counts.values.allSatisfy { $0 == 1 })
  }

  @Test(
    "P1: a redrive that is killed between request, offsets and commit loses nothing",
    arguments: [FailPoint.produced, .offsetsSent, .committed])
  func killed(_ point: FailPoint) throws {
    let redrive = try RedriveScene()
    try redrive.send(0..<300)
    let doomed = try redrive.start(environment: ["UNDERSTUDY_FAIL_POINT": point.rawValue])
    #expect(try doomed.exit() == -SIGKILL)
    let last = try redrive.run()
    #expect(last.code == 0, "\(last)")
    let counts = try redrive.requestCounts()
    #expect(Set(counts.keys) == Set(0..<300))
    #expect(counts.values.allSatisfy { $0 <= 2 })
  }

  @Test("Wrong filters are refused with what is right, and nothing is asked of a broker")
  func usage() throws {
    let workplace = try Workplace()
    let cases: [([String], String)] = [
      (["--reason", "tired"], "stage_crashed"), (["--from", "yesterday"], "RFC 3339"), (["--to", "12:00"], "RFC 3339"),
      (["--from", "2026-11-20T10:00:00Z", "--to", "2026-11-20T11:00:00+01:00"], "--from must be before --to"),
      (["--topic", "understudy.control"], "expected one of understudy.requests"), (["--name", "a b"], "--name"),
      (["--model-version", ""], "--model-version"),
    ]
    for (arguments, text) in cases {
      let process = try ProgramProcess(["redrive", "--bootstrap", "127.0.0.1:1"] + arguments, in: workplace)
      #expect(try process.exit() == 2, "\(arguments)")
      #expect(process.standardError.contains(text), "\(arguments): \(process.standardError)")
    }
  }

  @Test("The summary for people says what went back, what did not and why")
  func summary() {
    var summary = RedriveSummary(group: "g", isDryRun: false, outcome: "done", report: .init(), deleted: 0)
    #expect(summary.text == "read 0, matched 0, redriven 0")
    #expect(summary.complaint == nil)
    summary.report.left = 3
    summary.report.foreign = 1
    summary.deleted = 7
    summary.isDryRun = true
    #expect(
      summary.text == """
        read 0, matched 0, would redrive 0
        left: 3 stage_crashed, which may end a worker again; --reason stage_crashed redrives them
        passed over: 1 that are no dead letters of a worker
        gone: 7 offsets that the topic's retention has deleted since the last time
        dry run: nothing was produced or committed
        """)
  }
}
