import ArgumentParser
import Artifacts
import Domain
import Foundation
import Kafka
import Testing
import Wire

@testable import understudy

/// The program as its users start it.
@Suite("Command line", .ownThreads)
struct ProgramTests {
  private struct Outcome {
    var code: Int32
    var output: String
    var complaint: String
  }

  private func run(
    _ arguments: [String], environment: [String: String] = [:], in workplace: Workplace,
    within limit: Duration = patience
  ) throws -> Outcome {
    let process = try ProgramProcess(arguments, environment: environment, in: workplace)
    let code = try process.exit(within: limit)
    return Outcome(code: code, output: process.standardOutput, complaint: process.standardError)
  }

  /// The lines of an output, each a JSON document.
  private func documents(_ output: String) throws -> [JSON] {
    try output.split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
  }

  @Test("The help of every command ends well and shows examples")
  func help() throws {
    let workplace = try Workplace()
    var commands: [[String]] = [[]]
    // What workers start for themselves is not shown to people.
    for command in Understudy.configuration.subcommands where command.configuration.shouldDisplay {
      let name = [command.configuration.commandName ?? ""]
      commands.append(name)
      commands += command.configuration.subcommands.map { name + [$0.configuration.commandName ?? ""] }
    }
    #expect(commands.count == 24)
    for command in commands {
      let outcome = try run(command + ["--help"], in: workplace)
      #expect(outcome.code == 0, "\(command)")
      #expect(outcome.output.contains("understudy \(command.joined(separator: " "))"), "\(command)")
      let isShown = outcome.output.contains("Example") || command.isEmpty && outcome.output.contains("See it work")
      #expect(isShown, "\(command) shows no example")
    }
  }

  @Test("Exit codes: 0 done, 1 refused or failed, 2 wrong usage, with the reason on stderr")
  func exitCodes() throws {
    let workplace = try Workplace()
    let cases: [([String], Int32, String?)] = [
      (["--version"], 0, nil), (["dance"], 2, "dance"), (["run", "--bogus"], 2, "--bogus"),
      (["publish"], 2, "release"), (["demo", "--rate", "0"], 2, "expected 1 to 20000"),
      (["demo", "--for", "10"], 2, "expected a number and its unit, such as 500ms"),
      (["demo", "--example", "nowhere"], 2, "nowhere"),
      (["run"], 2, "kafka.bootstrap.servers: missing"), (["status"], 2, "no brokers"),
      (["run", "--config", "nowhere.yaml"], 2, "nowhere.yaml"),
      (["run", "--set", "kafka.bootstrap.servers=embedded"], 2, "models.default: missing"),
      (["publish", "a.tar", "--activate", "soon"], 2, "expected auto or manual"),
      (["publish", "a.tar", "--activate", "canary"], 2, "expected auto or manual"),
      (["traffic", "m", "v2", "--bootstrap", "127.0.0.1:1"], 2, "expected VERSION=100"),
      (["traffic", "m", "v2=50", "--bootstrap", "127.0.0.1:1"], 2, "expected v2=100"),
      (["traffic", "m", "=100", "--bootstrap", "127.0.0.1:1"], 2, "no command was sent"),
      (["check", "nowhere.tar"], 1, "nowhere.tar"), (["check", workplace.path], 1, "has no manifest.json"),
      (["check", "a.tar", "--minimum", "auc=1"], 2, "metrics are accuracy"),
      (["check", "a.tar", "--minimum", "roc_auc="], 2, "such as roc_auc=0.9"),
      (["score", "a.tar", "--input", "-", "--output", "-", "--batch", "0"], 2, "a number from 1 to 65536"),
      (["pack", workplace.path], 1, "has no manifest.json"),
    ]
    for (arguments, code, text) in cases {
      let outcome = try run(arguments, in: workplace)
      #expect(outcome.code == code, "\(arguments): \(outcome.complaint)")
      #expect(text.map(outcome.complaint.contains) ?? true, "\(arguments): \(outcome.complaint)")
      #expect(code == 0 || outcome.output.isEmpty, "\(arguments): \(outcome.output)")
    }
  }

  @Test("P4: check says that a good release passes, and why a bad one is refused")
  func check() throws {
    let workplace = try Workplace()
    let good = try run(["check", Example.archive("2.0.0")], in: workplace)
    #expect(good.code == 0 && good.output.contains("breast-cancer 2.0.0: passed"))
    let unlooked = try run(["check", Example.archive("2.0.0"), "--minimum", "rmse=3"], in: workplace)
    #expect(unlooked.code == 0 && unlooked.complaint.contains("--minimum rmse=3.0: not looked at"))
    let goodJSON = try documents(try run(["check", Example.archive("2.0.0"), "--json"], in: workplace).output)
    #expect(goodJSON.map { $0["outcome"] } == [.text("passed")])

    let bad = try HandmadeRelease.numbers("1", graph: "flat_to_column.onnx", width: 3, in: workplace)
    let path = try TestClient.some(bad.archive?.path, "archive")
    let refused = try run(["check", path], in: workplace)
    #expect(refused.code == 1 && refused.complaint.contains("stage_mismatch") && refused.output.isEmpty)
    let refusedJSON = try run(["check", path, "--json"], in: workplace)
    #expect(refusedJSON.code == 1)
    #expect(try documents(refusedJSON.output).map { $0["reason"] } == [.text("stage_mismatch")])
  }

  @Test("Packing twice gives the same bytes, and what does not fit is not packed")
  func pack() throws {
    let workplace = try Workplace()
    let source = try Example.source("1.0.0")
    let directory = "\(workplace.path)/release"
    try FileManager.default.copyItem(atPath: source.release.directory, toPath: directory)
    let archive = "\(workplace.path)/breast-cancer-1.0.0.tar"
    let first = try run(["pack", directory, "--json"], in: workplace)
    #expect(first.code == 0, "\(first.complaint)")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: archive))
    #expect(try bytes == Data(contentsOf: URL(fileURLWithPath: Example.archive("1.0.0"))))
    #expect(try documents(first.output).map { $0["archive_sha256"] } == [source.archive.map { .text($0.digest) }])
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: "\(directory)/model.onnx")
    #expect(try run(["pack", directory], in: workplace).code == 0)
    #expect(try bytes == Data(contentsOf: URL(fileURLWithPath: archive)))

    try FileManager.default.removeItem(atPath: "\(directory)/scoring.onnx")
    try FileManager.default.copyItem(atPath: Project.fixture("parse.onnx"), toPath: "\(directory)/scoring.onnx")
    let refused = try run(["pack", directory], in: workplace)
    #expect(refused.code == 1 && refused.complaint.contains("stage_mismatch"), "\(refused.complaint)")
    // What was packed before may be what workers fetch.
    #expect(try bytes == Data(contentsOf: URL(fileURLWithPath: archive)))
    let left = try FileManager.default.contentsOfDirectory(atPath: workplace.path)
    #expect(left.filter { $0.contains(".partial") } == [])
  }

  @Test("P9: topics acl prints a line for each right, and asks no broker")
  func accessList() throws {
    let workplace = try Workplace()
    let text = try run(["topics", "acl", "--group", "g"], in: workplace)
    let lines = text.output.split(separator: "\n")
    #expect(text.code == 0 && lines.count > 10)
    #expect(lines.allSatisfy { $0.hasPrefix("kafka-acls.sh --bootstrap-server 127.0.0.1:9092 --add ") })
    let rules = try documents(try run(["topics", "acl", "--group", "g", "--json"], in: workplace).output)
    #expect(rules.count == lines.count)
  }

  @Test("P2 P5: the commands of an operator, from publication to retirement, against a worker")
  func operation() throws {
    let scene = try Scene()
    let worker = try scene.worker()
    try scene.client.wait("the worker tells its status") { scene.client.status() != nil }
    let connection = [
      "--bootstrap", scene.broker.properties.bootstrapServers, "--topics", "\(scene.workplace.path)/topics.yaml",
    ]
    func run(_ arguments: [String], _ code: Int32 = 0, says text: String? = nil) throws -> Outcome {
      let outcome = try self.run(arguments + connection, in: scene.workplace)
      #expect(outcome.code == code, "\(arguments): \(outcome.output)\(outcome.complaint)")
      let isSaid = text.map { (outcome.output + outcome.complaint).contains($0) } ?? true
      #expect(isSaid, "\(arguments): \(outcome.output)\(outcome.complaint)")
      return outcome
    }
    _ = try run(["publish", Example.archive("1.0.0"), "--wait", "200s"], says: "command.applied breast-cancer 1.0.0")
    // Who rolls back asks for the status, which follows the events.
    func awaitStatus(_ version: String, before previous: String?) throws {
      try scene.client.wait("the status shows \(version)") {
        scene.client.status()?.routes.first.map { $0.version == version && $0.previous == previous } == true
      }
    }
    try awaitStatus("1.0.0", before: nil)
    _ = try run(
      ["rollback", Example.model, "--wait", "200s"], 1, says: "nothing of breast-cancer was live before 1.0.0")
    let published = try run(["publish", Example.archive("2.0.0"), "--wait", "200s", "--json"])
    let outcome = try documents(published.output).last
    #expect(outcome?["outcome"] == .text("applied"), "\(published.output)")
    try awaitStatus("2.0.0", before: "1.0.0")
    _ = try run(["rollback", Example.model, "--wait", "200s", "--reason", "INC-1"], says: "(was 2.0.0)")
    _ = try run(["traffic", Example.model, "9.9.9=100", "--wait", "200s"], 1, says: "unknown_version")
    try scene.client.wait("the rollback shows") { scene.client.status()?.routes.first?.version == "1.0.0" }
    _ = try run(["retire", Example.model, "1.0.0"], 1, says: "it is live on")
    _ = try run(["pause", "--wait", "200s", "--reason", "migration"], says: "command.applied")
    try scene.client.wait("the pause shows") { scene.client.status()?.paused["consume"] == "migration" }
    let status = try documents(try run(["status", "--json"]).output)
    #expect(status.count == 1 && status.first?["paused"]?["consume"] == .text("migration"))
    #expect(status.first?["held"]?[Example.model] == .text("INC-1"))
    _ = try run(["status"], says: "1.0.0")
    _ = try run(["resume", "--wait", "200s"])
    _ = try run(["resume", "--model", Example.model, "--wait", "200s"])
    let dry = try run(["retire", Example.model, "2.0.0", "--dry-run", "--wait", "200s"], says: "dry run")
    #expect(!dry.output.contains("taken out"), "\(dry)")
    let refused = try run(["retire", Example.model, "2.0.0", "--if-current", "9"], 1, says: "stale_current")
    #expect(!refused.output.contains("taken out"), "\(refused)")
    _ = try run(["retire", Example.model, "2.0.0"], says: "1 chunk taken out of")
    try scene.client.wait("the retirement shows") {
      scene.client.status()?.releases.first { $0.version == "2.0.0" }?.step == .retired
    }
    let releases = try documents(try run(["releases", "--json"]).output)
    #expect(releases.map { $0["step"] } == [.text("retired"), .text("live")])
    try scene.client.send(0..<30)
    try scene.client.awaitAnswers()
    #expect(scene.client.findings().isExactlyOnce)
    #expect(try worker.terminate() == 0)
    try scene.client.wait("the status is taken back") { scene.client.status() == nil }
    #expect(try documents(try run(["status", "--json"]).output).isEmpty)
    _ = try run(["pause", "--wait", "200s"], 1, says: "nobody to wait for")
  }

  @Test("P1 P2 P5: the demonstration ends with a good account")
  func demo() throws {
    let outcome = try run(["demo", "--for", "3s", "--json"], in: try Workplace())
    #expect(outcome.code == 0, "\(outcome.complaint)")
    let account = try #require(try documents(outcome.output).first)
    #expect(account["good"] == .bool(true), "\(outcome.output)")
    guard case .integer(let sent)? = account["sent"] else { Issue.record("\(outcome.output)"); return }
    #expect(sent > 1000 && account["answered_once"] == .integer(sent))
    for version in ["1.0.0", "2.0.0"] {
      guard case .integer(let count)? = account["answers"]?[version] else {
        Issue.record("none by \(version)"); continue
      }
      #expect(count > 0)
    }
  }
}
