import Domain
import Testing
import Wire

@testable import understudy

/// What a wait makes of the events of a command, and how it tells it.
struct OutcomeTests {
  static let now: Int64 = 1_795_500_000_000

  private func outcomes(_ ages: [Int64] = [0, 0], isDryRun: Bool = false) -> CommandOutcomes {
    let statuses = ages.enumerated().map { index, seconds in
      var status = WorkerStatus(
        group: "g", slot: "w\(index)", updatedAt: Self.now - seconds * 1000, build: "1")
      var gate = WorkerStatus.Gate()
      (gate.metric, gate.value, gate.acceptableRange, gate.endToEndRows) = (.rocAUC, 0.97, 0.95...1, 24)
      status.releases = [
        .init(model: "loan", version: "1", digest: "sha256:1", step: .warm, since: 0, commandID: "a", gate: gate)
      ]
      return status
    }
    let envelope = CommandEnvelope(
      id: "c", source: "test", command: .resume(Resume(scope: .consume, model: nil)), isDryRun: isDryRun)
    return CommandOutcomes(envelope, statuses, now: Self.now)
  }

  private func event(
    _ type: EventType, by worker: Int = 0, version: String? = "2", _ fill: (inout Event) -> Void = { _ in }
  ) -> Event {
    var event = Event(
      id: "\(type.rawValue)-\(worker)", type: type, time: Self.now, worker: "w\(worker)", group: "g")
    (event.commandID, event.model, event.version) = ("c", "loan", version)
    fill(&event)
    return event
  }

  private func refusal(by worker: Int, rowMicroseconds: Double = 1) -> Event {
    event(.commandFailed, by: worker) { event in
      var report = GateReport()
      report.endToEnd = .init(
        rows: 24, failedRows: 1, failures: [.init(line: 7, output: "label", expected: "1", found: "2")])
      report.refusal = Refusal(.endToEndFailed, "1 of 24 rows failed")
      report.resources = .init()
      report.resources?.rowMicroseconds = rowMicroseconds
      (event.outcome, event.reason, event.message) = ("refused", .endToEndFailed, "1 of 24 rows failed")
      event.report = report
    }
  }

  private static let pass: GateReport = {
    var report = GateReport()
    report.endToEnd = .init(rows: 24)
    report.confidence = .init(metric: .rocAUC, value: 0.9928, acceptableRange: 0.95...1, rows: 170)
    return report
  }()

  @Test func `workers that do not serve the command's model, or are not named, are not waited for`() {
    var status = WorkerStatus(group: "g", slot: "w0", updatedAt: Self.now, build: "1")
    func waits(_ command: Command, workers: [String]? = nil) -> Bool {
      let envelope = CommandEnvelope(id: "c", source: "test", command: command, targetWorkers: workers)
      return !CommandOutcomes(envelope, [status], now: Self.now).isComplete
    }
    let rollback = Command.rollback(Rollback(model: "loan", to: nil))
    #expect(waits(rollback) && !waits(rollback, workers: ["w1"]))
    status.serves = ["churn"]
    #expect(!waits(rollback) && waits(.resume(Resume(scope: .consume, model: nil))))
    status.serves = ["churn", "loan"]
    #expect(waits(rollback))
  }

  @Test func `an event is one line, its times in the order of the steps`() {
    let line = EventLine.text(
      event(.releaseLive) { event in
        event.fromVersion = "1"
        event.timings = ["switch": 2.6, "fetch": 11, "load": 5.2]
        event.message = "why"
      })
    #expect(line == "g/w0: release.live loan 2 (was 1) [fetch 11 ms, load 5 ms, switch 3 ms]: why")
    #expect(EventLine.text(event(.commandApplied, version: nil) { $0.model = nil }) == "g/w0: command.applied")
  }

  @Test func `P3: a refusal comes with the report, which is printed once for all that have found the same`() {
    var outcomes = outcomes()
    #expect(
      outcomes.take(refusal(by: 0)) == [
        "g/w0: command.failed loan 2 end_to_end_failed: 1 of 24 rows failed",
        "  loan 2: refused: end_to_end_failed: 1 of 24 rows failed", "",
        "  CHECK           FIGURE               ACCEPTABLE",
        "  end-to-end set  1 of 24 rows failed  0 failed    FAILED",
        "  time of a row   1 µs                 any         not judged", "",
        "  FAILED IN   LINE  OUTPUT  EXPECTED  FOUND", "  end-to-end  7     label   1         2",
      ])
    #expect(!outcomes.isComplete)
    // Another machine takes another time, and has found the same.
    #expect(
      outcomes.take(refusal(by: 1, rowMicroseconds: 2)) == [
        "g/w1: command.failed loan 2 end_to_end_failed: 1 of 24 rows failed",
        "  the same report as of g/w0, above",
      ])
    #expect(outcomes.isComplete && outcomes.hasRefusals)
    #expect(OutcomeText(outcomes).summary == nil)
    #expect(OutcomeText(outcomes).refusals == "refused by g/w0, g/w1: end_to_end_failed: 1 of 24 rows failed")
  }

  @Test func `repeats and events of other commands are passed over`() {
    var outcomes = outcomes()
    #expect(outcomes.take(event(.releaseFetched)) == ["g/w0: release.fetched loan 2"])
    #expect(outcomes.take(event(.releaseFetched)) == nil)
    #expect(outcomes.take(event(.releaseProbed) { $0.commandID = "other" }) == nil)
    #expect(outcomes.workers[0].step == "fetched" && outcomes.workers[1].step == nil)
  }

  @Test func `somebody's repetition of the command is told of, and is not its end`() {
    var outcomes = outcomes([0])
    let repetition = event(.commandRejected) { $0.reason = .duplicate }
    #expect(outcomes.take(repetition) == ["g/w0: command.rejected loan 2 duplicate"])
    #expect(!outcomes.isComplete && outcomes.workers[0].step == nil)
    #expect(outcomes.take(event(.commandApplied) { $0.outcome = "live" }) != nil)
    #expect(outcomes.isComplete && !outcomes.hasRefusals)
  }

  @Test func `P3: the end names every worker with its figures, also those of a gate that ran long before`() {
    var outcomes = outcomes([0, 0, 95])
    #expect(OutcomeText(outcomes).absent == ["g/w2 is not waited for: last heard of at 2026-11-24T05:58:25Z"])
    #expect(outcomes.take(event(.releaseGated) { $0.report = Self.pass }) != nil)
    #expect(
      OutcomeText(outcomes).progress == "0 of 2 done; waiting for g/w0 (gated), g/w1 (not heard of yet)")
    #expect(outcomes.take(event(.commandApplied) { $0.outcome = "live" }) != nil)
    #expect(OutcomeText(outcomes).progress == "1 of 2 done; waiting for g/w1 (not heard of yet)")
    #expect(outcomes.take(event(.commandApplied, by: 1, version: "1") { $0.outcome = "live" }) != nil)
    #expect(outcomes.isComplete && !outcomes.hasRefusals)
    #expect(
      OutcomeText(outcomes).summary == """
        g/w0: live loan 2, roc_auc 0.9928 in [0.95, 1], 24 rows end to end
        g/w1: live loan 1, roc_auc 0.97 in [0.95, 1], 24 rows end to end
        """)
    #expect(OutcomeText(outcomes).refusals == nil && OutcomeText(outcomes).waiting == nil)
  }

  @Test func `a line of progress fits into a terminal, however many workers there are`() {
    #expect(
      OutcomeText(outcomes([0, 0, 0, 0, 0])).progress
        == "0 of 5 done; waiting for g/w0 (not heard of yet), g/w1 (not heard of yet) and 3 more")
  }

  @Test func `a worker that was thought absent and refuses has refused`() {
    var outcomes = outcomes([0, 95])
    #expect(outcomes.take(event(.commandApplied) { $0.outcome = "live" }) != nil)
    #expect(outcomes.isComplete && !outcomes.hasRefusals)
    #expect(outcomes.take(refusal(by: 1)) != nil)
    #expect(outcomes.hasRefusals)
    // One that was not known comes in its place.
    #expect(outcomes.take(refusal(by: 3)) != nil)
    #expect(outcomes.workers.map(\.name) == ["g/w0", "g/w1", "g/w3"])
  }

  @Test func `a dry run says that nothing was switched, and what is about no release has no figures`() {
    var outcomes = outcomes([0], isDryRun: true)
    #expect(outcomes.take(event(.commandApplied, version: nil) { $0.outcome = "dry_run" }) != nil)
    #expect(OutcomeText(outcomes).summary == "g/w0: dry_run loan\ndry run: nothing was switched")
  }

  @Test func `programs get every worker's outcome, reason, message and report in one line`() throws {
    var outcomes = outcomes([0, 0, 95])
    #expect(outcomes.take(refusal(by: 0)) != nil)
    #expect(outcomes.take(event(.releaseFetched, by: 1)) != nil)
    let json = try JSON(parsing: OutcomeDocument.json(outcomes, outcome: "timed_out").bytes)
    #expect(json["outcome"] == .text("timed_out") && json["command_id"] == .text("c"))
    guard case .array(let workers)? = json["workers"] else { Issue.record("\(json.line)"); return }
    #expect(workers.map { $0["outcome"] } == [.text("refused"), .text("waiting"), .text("absent")])
    #expect(workers.map { $0["applied"] } == [.bool(false), .bool(false), .bool(false)])
    #expect(workers[0]["reason"] == .text("end_to_end_failed"))
    #expect(workers[0]["message"] == .text("1 of 24 rows failed"))
    #expect(workers[0]["report"]?["end_to_end"]?["failed_rows"] == .integer(1))
    #expect(workers[1]["step"] == .text("fetched") && workers[1]["report"] == nil)
    #expect(workers[2]["last_heard_at"] == .text("2026-11-24T05:58:25Z"))
  }
}
