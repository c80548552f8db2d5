import Domain

/// What all workers have made of one command so far: events in, lines for people out, nothing else.
struct CommandOutcomes {
  /// The command's id.
  let command: String
  let isDryRun: Bool
  /// In the order of their names.
  private(set) var workers: [WorkerOutcome]
  /// Events come at least once.
  private var seen: Set<String> = []
  /// Reports of refusals that were printed, each with the worker that it was printed for.
  private var printed: [(report: GateReport, worker: String)] = []

  /// Nobody has said anything yet.
  /// - Parameters:
  ///   - statuses: of all workers, of which those count that the command is for.
  ///   - now: milliseconds since 1970, by which a worker counts as absent.
  init(_ envelope: CommandEnvelope, _ statuses: [WorkerStatus], now: Int64) {
    command = envelope.id
    isDryRun = envelope.isDryRun
    workers = statuses.filter(envelope.isFor).map { status in
      WorkerOutcome(
        group: status.group, slot: status.slot, absentSince: status.isStale(at: now) ? status.updatedAt : nil,
        known: status.releases)
    }.sorted { $0.name < $1.name }
  }

  var isComplete: Bool { !workers.contains(where: \.isWaitedFor) }
  var hasRefusals: Bool { workers.contains(where: \.hasRefused) }

  /// Takes an event.
  /// - Returns: the lines that tell of it, or nil if it is of another command or was seen before.
  mutating func take(_ event: Event) -> [String]? {
    guard event.commandID == command, seen.insert(event.id).inserted else { return nil }
    let position = position(of: event)
    // Somebody's repetition of the command was passed over; the command itself goes on.
    guard event.reason != .duplicate else { return [EventLine.text(event)] }
    workers[position].step = event.type.rawValue.split(separator: ".").last.map(String.init)
    if let report = event.report { workers[position].report = report }
    guard event.type.endsCommand else { return [EventLine.text(event)] }
    workers[position].ending = event
    return [EventLine.text(event)] + reportLines(event, by: workers[position].name)
  }

  /// A worker that was not known, or was thought to be absent, is there when it speaks.
  private mutating func position(of event: Event) -> Int {
    if let position = workers.firstIndex(where: { $0.group == event.group && $0.slot == event.worker }) {
      workers[position].absentSince = nil
      return position
    }
    let worker = WorkerOutcome(group: event.group, slot: event.worker)
    let position = workers.firstIndex { $0.name > worker.name } ?? workers.endIndex
    workers.insert(worker, at: position)
    return position
  }

  /// The report behind a refusal, once: most workers find the same.
  private mutating func reportLines(_ event: Event, by worker: String) -> [String] {
    guard event.type != .commandApplied, let report = event.report, !report.hasPassed else { return [] }
    if let first = printed.first(where: { $0.report.hasSameFindings(as: report) }) {
      return ["  the same report as of \(first.worker), above"]
    }
    printed.append((report, worker))
    let release = [event.model, event.version].compactMap(\.self).joined(separator: " ")
    return GateReportText(report, release: release).text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.isEmpty ? "" : "  \($0)"
    }
  }
}

extension GateReport {
  /// Whether two workers have found the same: what each has measured on its own machine does not count.
  func hasSameFindings(as other: GateReport) -> Bool {
    var (one, two) = (self, other)
    (one.resources, two.resources) = (nil, nil)
    return one == two
  }
}

extension CommandEnvelope {
  /// Whether a worker acts on it: others pass it over without a word, and nobody should wait for them.
  func isFor(_ status: WorkerStatus) -> Bool {
    targets(group: status.group, worker: status.slot) && status.serves(command.model)
  }
}
