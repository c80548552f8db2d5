import Domain
import Wire

/// The end of a wait for programs: the last line of `--json`.
enum OutcomeDocument {
  /// - Parameter outcome: of the wait as a whole: `applied`, `refused`, `timed_out` or `interrupted`.
  static func json(_ outcomes: CommandOutcomes, outcome: String) -> JSON {
    .object([
      .init("outcome", .text(outcome)), .init("command_id", .text(outcomes.command)),
      .init("dry_run", .bool(outcomes.isDryRun)), .init("workers", .array(outcomes.workers.map(json))),
    ])
  }

  private static func json(_ worker: WorkerOutcome) -> JSON {
    let ending = worker.ending
    let word = worker.absentSince != nil ? "absent" : "waiting"
    var json = JSON.object([
      .init("group", .text(worker.group)), .init("worker", .text(worker.slot)),
      .init("outcome", .text(ending.map { $0.outcome ?? $0.type.rawValue } ?? word)),
      .init("applied", .bool(ending?.type == .commandApplied)),
    ])
    json.set("step", toOptional: worker.isWaitedFor ? worker.step : nil)
    json.set("last_heard_at", toOptional: worker.absentSince.map(Timestamp.text))
    json.set("model", toOptional: ending?.model)
    json.set("version", toOptional: ending?.version)
    json.set("reason", toOptional: ending?.reason?.rawValue)
    json.set("message", toOptional: ending?.message)
    if let gate = worker.gate { json.set("gate", to: StatusCodec.json(gate)) }
    if let report = worker.report { json.set("report", to: GateReportCodec.json(report)) }
    return json
  }
}
