import Deployment
import Domain

/// A worker without I/O: feeds the machine, plays the controller's part, and remembers everything that was told.
struct Scenario {
  static let model = "m"

  var machine: DeploymentMachine
  let settings: DeploymentMachine.Settings
  /// Work that fails, by version.
  var failures: [String: (Work.Kind, RefusalReason)] = [:]
  /// Work that fails although it may succeed later, by version.
  var troubles: [String: Work.Kind] = [:]
  /// Called with each move before the next one: a repository, for those who want one.
  var record: (StateChange, WorkerState) -> Void = { _, _ in }

  private(set) var last: Transition
  private(set) var events: [Event] = []
  private(set) var outcomes: [String: [CommandRecord.Outcome]] = [:]
  private(set) var refusals: [String: RefusalReason] = [:]
  private(set) var fetched: [String] = []
  private(set) var clock: Int64 = 1000
  private var commandCount = 0

  /// A worker whose control topic was read to its end, unless it says otherwise.
  init(
    retain: Int = 5, warm: Int = 2, servedModels: Set<String>? = nil, state: WorkerState = WorkerState(),
    isReadingBacklog: Bool = false
  ) {
    settings = DeploymentMachine.Settings(
      group: "g", worker: "w", retain: retain, warm: warm, servedModels: servedModels)
    let ids = Counter()
    machine = DeploymentMachine(settings: settings, state: state, makeID: { ids.next() })
    last = machine.apply(.tick, at: 0)
    if !isReadingBacklog { apply(.backlogEnded) }
  }

  // MARK: Inputs

  @discardableResult
  mutating func apply(_ input: DeploymentInput) -> Transition {
    clock += 1
    let before = machine.state
    last = machine.apply(input, at: clock)
    record(last.change, before)
    events += last.change.events
    for command in last.change.commands {
      outcomes[command.id, default: []].append(command.outcome)
      refusals[command.id] = command.reason
    }
    return last
  }

  /// Reads a command and returns its id.
  @discardableResult
  mutating func send(
    _ command: Command, id: String? = nil, ifCurrent: String? = nil, isDryRun: Bool = false, expiresAt: Int64? = nil,
    recordTime: Int64 = 500, groups: [String]? = nil, workers: [String]? = nil
  ) -> String {
    commandCount += 1
    let id = id ?? "c\(commandCount)"
    let envelope = CommandEnvelope(
      id: id, source: "test", command: command, expiresAt: expiresAt, ifCurrent: ifCurrent, isDryRun: isDryRun,
      targetGroups: groups, targetWorkers: workers)
    apply(.command(envelope, offset: machine.state.controlOffset, recordTime: recordTime))
    return id
  }

  @discardableResult
  mutating func ready(
    _ version: String, _ activate: ActivationMode = .auto, model: String = Self.model, digest: String? = nil,
    archive: String? = nil, ifCurrent: String? = nil, isDryRun: Bool = false, recordTime: Int64 = 500
  ) -> String {
    let identity = ReleaseIdentity(model: model, version: version, digest: digest ?? "sha256:\(version)")
    let announcement = ModelReady(
      identity: identity, archiveDigest: archive ?? "sha256:tar-\(version)", size: 10, uri: "file:/\(version).tar",
      activate: activate)
    return send(.modelReady(announcement), ifCurrent: ifCurrent, isDryRun: isDryRun, recordTime: recordTime)
  }

  @discardableResult
  mutating func rollback(
    to version: String? = nil, hold: Bool = true, ifCurrent: String? = nil, isDryRun: Bool = false
  ) -> String {
    send(
      .rollback(Rollback(model: Self.model, to: version, hold: hold, reason: "INC-1")), ifCurrent: ifCurrent,
      isDryRun: isDryRun)
  }

  @discardableResult
  mutating func traffic(_ version: String, ifCurrent: String? = nil) -> String {
    send(.traffic(Traffic(model: Self.model, routes: [.init(version: version, weight: 100)])), ifCurrent: ifCurrent)
  }

  @discardableResult
  mutating func retire(_ version: String) -> String { send(.retire(Retire(model: Self.model, version: version))) }

  @discardableResult
  mutating func pause(_ scope: PauseScope = .activation, until: Int64? = nil) -> String {
    send(.pause(Pause(scope: scope, model: scope == .activation ? Self.model : nil, until: until, reason: "freeze")))
  }

  @discardableResult
  mutating func resume(_ scope: PauseScope = .activation) -> String {
    send(.resume(Resume(scope: scope, model: scope == .activation ? Self.model : nil)))
  }

  /// Time passes.
  mutating func tick(at time: Int64) {
    clock = max(clock, time)
    apply(.tick)
  }

  /// The clock is set to another time.
  mutating func setClock(to time: Int64) {
    clock = time
    apply(.tick)
  }

  // MARK: The controller's part

  /// Does the piece of work that is wanted most, or the one of a version. False if there is none.
  @discardableResult
  mutating func work(on version: String? = nil) -> Bool {
    let wanted = machine.pendingWork().first { version == nil || $0.release.identity.version == version }
    guard let work = wanted else { return false }
    let version = work.release.identity.version
    if work.kind == .fetch { fetched.append(version) }
    if work.kind.isRecordedFirst {
      apply(.workBegun(work))
      guard machine.isDue(work) else { return true }
    }
    if let (kind, reason) = failures[version], kind == work.kind {
      apply(.workFailed(work, Refusal(reason, "as the test wants it"), report: Self.report(of: work, refusal: reason)))
    } else if troubles[version] == work.kind {
      apply(.workFailed(work, Refusal(.fetchFailed, "not now", mayRetry: true)))
    } else {
      apply(.workDone(work, timings: [work.kind.rawValue: 1], report: Self.report(of: work)))
    }
    return true
  }

  /// What the gate says, for the work that runs it.
  static func report(of work: Work, refusal: RefusalReason? = nil) -> GateReport? {
    guard [.probe, .load, .gate].contains(work.kind) else { return nil }
    var report = GateReport()
    report.endToEnd = GateReport.EndToEnd(rows: 3)
    if work.kind == .probe {
      report.resources = GateReport.Resources()
      report.resources?.peakBytes = 1 << 20
    }
    report.refusal = refusal.map { Refusal($0, "as the test wants it") }
    return report
  }

  /// Every lane takes the routing that was published last.
  mutating func takeRouting() {
    for (model, ledger) in machine.state.models.sorted(by: { $0.key < $1.key }) {
      guard let live = ledger.live, !live.isConfirmed else { continue }
      guard let record = ledger.release(live.version), machine.loaded.contains(record.identity) else { continue }
      apply(.switched(model: model, generation: live.generation, firstOffsets: ["t-0": clock], milliseconds: 2))
    }
  }

  /// Works and switches until nothing is left to do.
  /// - Parameter waits: whether time passes for what waits for its next attempt.
  mutating func drain(waits: Bool = false) {
    for _ in 0..<10_000 {
      takeRouting()
      if work() { continue }
      let retries = machine.state.models.values.flatMap(\.releases).filter { $0.step.isInProgress || $0.step.isLoaded }
      guard waits, let next = retries.compactMap(\.retryAt).filter({ $0 > clock }).min() else { return }
      tick(at: next)
    }
  }

  /// The process ends and begins again, with what was recorded.
  mutating func restart(state: WorkerState? = nil) {
    let ids = Counter(first: events.count + 1_000_000)
    machine = DeploymentMachine(settings: settings, state: state ?? machine.state, makeID: { ids.next() })
  }

  // MARK: What is seen

  var ledger: ModelLedger { machine.state.models[Self.model] ?? ModelLedger(model: Self.model) }
  var live: String? { ledger.live?.version }
  var stack: [String] { ledger.activations.map { $0.isPlanned ? "(\($0.version))" : $0.version } }

  func step(_ version: String) -> ReleaseStep? { ledger.release(version)?.step }
  func isLoaded(_ version: String) -> Bool {
    ledger.release(version).map { machine.loaded.contains($0.identity) } ?? false
  }
  func versions(_ step: ReleaseStep) -> [String] {
    ledger.releases.filter { $0.step == step }.map(\.identity.version)
  }
  /// The outcome of a command as its last event names it, with the reason if it was refused.
  func ending(_ command: String) -> String? {
    guard let event = events.last(where: { $0.commandID == command && $0.type.endsCommand }) else { return nil }
    let word = event.type.rawValue.split(separator: ".").last.map(String.init) ?? ""
    return [word, event.outcome, event.reason?.rawValue].compactMap(\.self).joined(separator: " ")
  }
  /// Types of the events of the last move.
  var told: [String] { last.change.events.map(\.type.rawValue) }
}

/// Ids for events: e1, e2, …
final class Counter: @unchecked Sendable {
  private var value: Int
  init(first: Int = 0) { value = first }
  func next() -> String {
    value += 1
    return "e\(value)"
  }
}
