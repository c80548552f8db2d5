import Domain

/// The end of a wait for people: who did what, who refused and why, who was not there.
struct OutcomeText {
  private let outcomes: CommandOutcomes

  init(_ outcomes: CommandOutcomes) { self.outcomes = outcomes }

  /// What was done, a line a worker, and that a dry run has switched nothing; nil if nobody has done anything.
  var summary: String? {
    var lines = outcomes.workers.compactMap(applied)
    if outcomes.isDryRun, outcomes.isComplete { lines.append("dry run: nothing was switched") }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }

  private func applied(_ worker: WorkerOutcome) -> String? {
    guard let event = worker.ending, !worker.hasRefused else { return nil }
    let words = [event.outcome ?? "applied", event.model, event.version].compactMap(\.self)
    // What is about no release has no figures.
    let figures = event.version == nil || event.outcome == "retired" ? nil : GateFigureText.text(worker.gate)
    return "\(worker.name): " + ([words.joined(separator: " ")] + [figures].compactMap(\.self)).joined(separator: ", ")
  }

  /// Why the command did not take effect, workers that say the same together; nil if none refused.
  var refusals: String? {
    var workers: [String: [String]] = [:]
    for worker in outcomes.workers where worker.hasRefused {
      let reason = worker.ending?.reason?.rawValue ?? worker.ending?.outcome ?? "failed"
      let text = [reason, worker.ending?.message].compactMap(\.self).joined(separator: ": ")
      workers[text, default: []].append(worker.name)
    }
    guard !workers.isEmpty else { return nil }
    return workers.map { "refused by \($0.value.joined(separator: ", ")): \($0.key)" }.sorted().joined(separator: "\n")
  }

  /// Who is still waited for and what each is at; nil if nobody is.
  var waiting: String? {
    unfinished.isEmpty ? nil : unfinished.joined(separator: ", ")
  }

  private var unfinished: [String] {
    outcomes.workers.filter(\.isWaitedFor).map { "\($0.name) (\($0.step ?? "not heard of yet"))" }
  }

  /// The line that is updated in place.
  var progress: String {
    let count = outcomes.workers.filter { $0.absentSince == nil }.count
    let unfinished = unfinished
    var line = "\(count - unfinished.count) of \(count) done"
    guard !unfinished.isEmpty else { return line }
    line += "; waiting for \(unfinished.prefix(Limits.workersInProgress).joined(separator: ", "))"
    let others = unfinished.count - Limits.workersInProgress
    return others > 0 ? line + " and \(others) more" : line
  }

  /// Who was not waited for, a line each.
  var absent: [String] {
    outcomes.workers.compactMap { worker in
      worker.absentSince.map { "\(worker.name) is not waited for: last heard of at \(Timestamp.text($0))" }
    }
  }
}
