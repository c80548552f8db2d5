import Artifacts
import Domain
import Foundation
import Kafka
import Testing
import Wire

@testable import understudy

/// What the program tells of releases that pass and fail their gate, to whoever waits for it.
@Suite("Outcomes", .ownThreads)
struct OutcomeProgramTests {
  private struct Outcome {
    var code: Int32
    var output: String
    var complaint: String
    var all: String { output + complaint }
  }

  private func run(_ arguments: [String], in workplace: Workplace) throws -> Outcome {
    let process = try ProgramProcess(arguments, in: workplace)
    let code = try process.exit()
    return Outcome(code: code, output: process.standardOutput, complaint: process.standardError)
  }

  private func documents(_ output: String) throws -> [JSON] {
    try output.split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
  }

  private func archive(_ release: GateRelease, in workplace: Workplace) throws -> String {
    try TestClient.some(try release.source(in: workplace).archive?.path, "archive")
  }

  private func sends(_ scene: Scene) -> [String] {
    ["--bootstrap", scene.broker.properties.bootstrapServers, "--topics", "\(scene.workplace.path)/topics.yaml"]
  }

  @Test("P3: publish --wait ends with 0 and the figures of a good release, and with 1 and the report of a bad one")
  func publish() throws {
    let scene = try Scene(model: GateRelease.model)
    let worker = try scene.worker()
    try scene.client.wait("the worker tells its status") { scene.client.status() != nil }
    func publish(_ release: GateRelease, _ options: String...) throws -> Outcome {
      try run(
        ["publish", try archive(release, in: scene.workplace), "--wait", "200s"] + options + sends(scene),
        in: scene.workplace)
    }
    let worker0 = "\(scene.broker.name)/worker-0"
    let good = try publish(GateRelease("1"))
    #expect(good.code == 0, "\(good)")
    #expect(
      good.output.contains("\(worker0): live doubler 1, rmse 0 in [0, 0.1], 10 rows end to end"), "\(good.output)")

    let bad = try publish(GateRelease("2") { $0.error = 0.01 })
    #expect(bad.code == 1, "\(bad)")
    #expect(bad.output.contains("command.failed doubler 2 end_to_end_failed"), "\(bad.output)")
    #expect(bad.output.contains("  end-to-end set     1 of 10 rows failed  0 failed    FAILED"), "\(bad.output)")
    #expect(bad.output.contains("  end-to-end  4     y"), "\(bad.output)")
    #expect(bad.complaint.contains("refused by \(worker0): end_to_end_failed: 1 of 10 rows failed"), "\(bad.complaint)")

    let refused = try publish(GateRelease("3") { $0.acceptableRange = "[0.1,1]" }, "--json")
    let last = try #require(try documents(refused.output).last)
    #expect(refused.code == 1 && last["outcome"] == .text("refused"), "\(refused)")
    guard case .array(let workers)? = last["workers"] else { Issue.record("\(last.line)"); return }
    #expect(workers.map { $0["reason"] } == [.text("metric_out_of_range")])
    #expect(workers.first?["report"]?["confidence"]?["metric"] == .text("rmse"))

    let releases = try run(["releases"] + sends(scene), in: scene.workplace)
    #expect(releases.output.contains("rmse 0 in [0, 0.1], 10 rows end to end"), "\(releases.output)")
    #expect(releases.output.contains("end_to_end_failed: 1 of 10 rows failed"), "\(releases.output)")
    #expect(try worker.terminate() == 0)
  }

  @Test("P3: a dry run proves a release, says that nothing was switched, and switches nothing")
  func dryRun() throws {
    let scene = try Scene(model: GateRelease.model)
    let worker = try scene.worker()
    try scene.client.wait("the worker tells its status") { scene.client.status() != nil }
    let path = try archive(GateRelease("1"), in: scene.workplace)
    let dry = try run(["publish", path, "--dry-run", "--wait", "200s"] + sends(scene), in: scene.workplace)
    #expect(dry.code == 0, "\(dry)")
    #expect(dry.output.contains("stored doubler 1, rmse 0 in [0, 0.1], 10 rows end to end"), "\(dry.output)")
    #expect(dry.output.hasSuffix("dry run: nothing was switched\n"), "\(dry.output)")
    try scene.client.wait("it is stored") { scene.client.status()?.releases.isEmpty == false }
    #expect(scene.client.status()?.routes.isEmpty == true)

    // Options that every sending command takes reach the worker.
    let traffic = ["traffic", GateRelease.model, "1=100", "--wait", "200s"] + sends(scene)
    let stale = try run(traffic + ["--if-current", "7"], in: scene.workplace)
    #expect(stale.code == 1 && stale.complaint.contains("stale_current"), "\(stale)")
    let nobody = try run(traffic + ["--only-worker", "worker-9"], in: scene.workplace)
    #expect(nobody.code == 1 && nobody.complaint.contains("nobody to wait for"), "\(nobody)")
    #expect(scene.client.status()?.routes.isEmpty == true)
    let live = try run(traffic + ["--only-worker", "worker-0", "--expires", "30s"], in: scene.workplace)
    #expect(live.code == 0, "\(live)")
    try scene.client.wait("the status shows it") { scene.client.status()?.routes.first?.version == "1" }
    let dryRetirement = try run(["retire", GateRelease.model, "1", "--dry-run"] + sends(scene), in: scene.workplace)
    #expect(dryRetirement.code == 1 && dryRetirement.complaint.contains("it is live on"), "\(dryRetirement)")
    #expect(try worker.terminate() == 0)
  }

  @Test("Whoever stops waiting by Ctrl-C is told whom it waited for and that the command stays valid")
  func interruption() throws {
    let scene = try Scene(model: GateRelease.model)
    let worker = try scene.worker()
    try scene.client.wait("the worker tells its status") { scene.client.status() != nil }
    // It is there and answers nothing: its status is young, and it is stopped.
    worker.process.signal(SIGSTOP)
    defer { worker.process.signal(SIGCONT) }
    let waiting = try ProgramProcess(["pause", "--wait", "200s", "--json"] + sends(scene), in: scene.workplace)
    try waitUntil("it is sent") { waiting.standardOutput.contains("control_offset") }
    waiting.signal(SIGINT)
    #expect(try waiting.exit() == 1)
    #expect(
      waiting.standardError.contains("interrupted while waiting for \(scene.broker.name)/worker-0 (not heard of yet)"))
    #expect(waiting.standardError.contains("the command stays valid"))
    #expect(try documents(waiting.standardOutput).last?["outcome"] == .text("interrupted"))
  }

  @Test("P3: check and diff end by their verdict, and give programs the same figures")
  func checkAndDiff() throws {
    let workplace = try Workplace()
    let (one, two) = (Example.archive("1.0.0"), Example.archive("2.0.0"))
    let floor = try run(["check", two, "--minimum", "roc_auc=0.9999"], in: workplace)
    #expect(floor.code == 1 && floor.complaint.contains("metric_out_of_range"), "\(floor)")
    #expect(floor.output.contains("roc_auc, operator's bound") && floor.output.contains("FAILED"), "\(floor)")

    let against = try run(["check", two, "--against", one, "--minimum", "roc_auc=0.9", "--json"], in: workplace)
    let report = try #require(try documents(against.output).first)
    let isRefused = report["outcome"] == .text("refused")
    #expect(against.code == (isRefused ? 1 : 0), "\(against)")
    #expect(report["version"] == .text("2.0.0") && report["comparison"]?["version"] == .text("1.0.0"))
    #expect(report["confidence"]?["operator_minimum"] == .number(0.9), "\(against.output)")

    let broken = try archive(GateRelease("2") { $0.error = 0.01 }, in: workplace)
    let refused = try run(["check", broken, "--json"], in: workplace)
    #expect(refused.code == 1, "\(refused)")
    #expect(try documents(refused.output).map { $0["reason"] } == [.text("end_to_end_failed")])

    let same = try run(["diff", one, one], in: workplace)
    #expect(same.code == 0 && same.output.contains(": no difference"), "\(same)")
    let diff = try run(["diff", one, two], in: workplace)
    #expect(diff.code == 0 && diff.output.contains("PART") && diff.output.contains("roc_auc"), "\(diff)")
    let json = try #require(try documents(try run(["diff", one, two, "--json"], in: workplace).output).first)
    #expect(json["before"]?["version"] == .text("1.0.0") && json["after"]?["version"] == .text("2.0.0"))
    guard case .array(let changes)? = json["changes"] else { Issue.record("\(json.line)"); return }
    let version = changes.first { $0["name"] == .text("version") }
    #expect(version?["before"] == .text("1.0.0") && version?["after"] == .text("2.0.0"), "\(json.line)")
    #expect(try run(["diff", one, "nowhere.tar"], in: workplace).code == 1)
  }
}
