import Domain

/// The deployment's decisions as a value: input in, transition out, no I/O.
///
/// The state that it holds is what was recorded last. Which releases are in memory is known to it, but not recorded:
/// after a restart the releases whose step says so are loaded again.
package struct DeploymentMachine: Sendable {
  /// What the configuration says.
  package struct Settings: Sendable, Equatable {
    package var group: String
    package var worker: String
    /// Releases on disk per model, the live one included.
    package var retain: Int
    /// Releases in memory per model, the live one included.
    package var warm: Int
    /// Models that this worker takes commands for; nil means all.
    package var servedModels: Set<String>?
    /// Milliseconds between two runs of the test sets on what is live.
    package var gateIntervalMilliseconds: Int64

    /// Settings.
    package init(
      group: String, worker: String, retain: Int = 5, warm: Int = 2, servedModels: Set<String>? = nil,
      gateIntervalMilliseconds: Int64 = 600_000
    ) {
      self.group = group
      self.worker = worker
      self.retain = retain
      self.warm = warm
      self.servedModels = servedModels
      self.gateIntervalMilliseconds = gateIntervalMilliseconds
    }
  }

  let settings: Settings
  /// The state after the last transition.
  package private(set) var state: WorkerState
  /// Releases whose stages are in memory.
  package private(set) var loaded: Set<ReleaseIdentity> = []
  /// Whether the control topic has not been read to its end yet.
  package internal(set) var isReadingBacklog = true
  /// The control offset at which the backlog begins.
  let firstBacklogOffset: Int64
  /// When the test sets are run again on what is in memory, milliseconds since 1970.
  var gateDue: [ReleaseIdentity: Int64] = [:]
  /// How often releases that have proved themselves could not be loaded, or their test sets not be run, one time after the
  /// other. A count of its own, which a restart forgets: these were troubles of the machine, and the releases are good.
  var troublesOfProved: [ReleaseIdentity: Int] = [:]
  /// Releases in memory that must pass the test sets again before the worker makes one live by itself.
  var unproved: Set<ReleaseIdentity> = []
  /// Milliseconds that each step took, for the event of the activation.
  var timings: [ReleaseIdentity: [String: Double]] = [:]

  var now: Int64 = 0
  var draft: Transition
  private let makeID: @Sendable () -> String

  /// A machine that goes on from recorded state.
  /// - Parameter makeID: makes the ids of events.
  package init(settings: Settings, state: WorkerState, makeID: @escaping @Sendable () -> String) {
    self.settings = settings
    self.state = state
    firstBacklogOffset = state.controlOffset
    self.makeID = makeID
    draft = Transition(state: state)
  }

  /// Takes an input and returns what follows from it. The machine's own state moves at once: the caller makes the
  /// change durable before it acts, or stops.
  package mutating func apply(_ input: DeploymentInput, at time: Int64) -> Transition {
    now = time
    draft = Transition(state: state)
    switch input {
    case .command(let envelope, let offset, let recordTime):
      read(offset)
      // By the record's time, so that a worker that reads it late takes the pause for over as the others did.
      endActivationPauses(before: recordTime)
      accept(envelope, offset: offset, recordTime: recordTime)
    case .refusedCommand(let refusal, let offset):
      read(offset)
      reject(id: refusal.commandID, kind: nil, model: nil, offset: offset, refusal)
    case .workBegun(let work):
      begin(work)
    case .workDone(let work, let timings, let report):
      finish(work, timings, report)
    case .workFailed(let work, let refusal, let report):
      fail(work, refusal, report)
    case .workAbandoned(let work):
      abandon(work)
    case .switched(let model, let generation, let firstOffsets, let milliseconds):
      confirm(model, generation, firstOffsets, milliseconds)
    case .backlogEnded:
      endBacklog()
      endPauses()
    case .tick:
      // What the backlog tells goes by its own times.
      if !isReadingBacklog { endPauses() }
    }
    for model in draft.change.state.models.keys.sorted() { settle(model) }
    state = draft.change.state
    return draft
  }

  private mutating func read(_ offset: Int64) {
    draft.change.state.controlOffset = offset + 1
  }

  /// Ends what is over by the clock.
  private mutating func endPauses() {
    if let until = draft.change.state.consumePause?.until, until <= now {
      draft.change.state.consumePause = nil
      draft.actions.append(.setConsumptionPaused(false))
    }
    endActivationPauses(before: now)
  }

  private mutating func endActivationPauses(before time: Int64) {
    for model in draft.change.state.models.keys {
      if let until = draft.change.state.models[model]?.pause?.until, until <= time {
        draft.change.state.models[model]?.pause = nil
      }
    }
  }

  // MARK: Memory

  mutating func markLoaded(_ identity: ReleaseIdentity) { loaded.insert(identity) }

  mutating func unload(_ identity: ReleaseIdentity) {
    (gateDue[identity], troublesOfProved[identity]) = (nil, nil)
    unproved.remove(identity)
    if loaded.remove(identity) != nil { draft.actions.append(.unload(identity)) }
  }

  func isLoaded(_ version: String, of ledger: ModelLedger) -> Bool {
    ledger.release(version).map { loaded.contains($0.identity) } ?? false
  }

  // MARK: Ledgers

  /// The ledger of a model in the draft.
  func ledger(_ model: String) -> ModelLedger { draft.change.state.models[model] ?? ModelLedger(model: model) }

  mutating func store(_ ledger: ModelLedger) { draft.change.state.models[ledger.model] = ledger }

  /// Changes one release's record and stamps the time.
  mutating func update(_ identity: ReleaseIdentity, _ change: (inout ReleaseRecord) -> Void) {
    guard let position = ledger(identity.model).position(of: identity.version) else { return }
    guard var record = draft.change.state.models[identity.model]?.releases[position] else { return }
    change(&record)
    record.updatedAt = now
    draft.change.state.models[identity.model]?.releases[position] = record
  }

  // MARK: Events

  mutating func emit(_ type: EventType, _ fill: (inout Event) -> Void = { _ in }) {
    var event = Event(id: makeID(), type: type, time: now, worker: settings.worker, group: settings.group)
    fill(&event)
    event.message = event.message?.shortened(toBytes: Limits.eventMessageBytes)
    draft.change.events.append(event)
  }

  mutating func emit(
    _ type: EventType, _ record: ReleaseRecord, outcome: String? = nil, _ refusal: Refusal? = nil,
    timings: [String: Double] = [:], report: GateReport? = nil, _ fill: (inout Event) -> Void = { _ in }
  ) {
    emit(type) { event in
      event.commandID = record.commandID
      event.model = record.identity.model
      event.version = record.identity.version
      event.digest = record.identity.digest
      event.outcome = outcome ?? type.rawValue.split(separator: ".").last.map(String.init)
      event.reason = refusal?.reason
      event.message = refusal?.message
      event.timings = timings
      event.report = report
      fill(&event)
    }
  }

  /// Ends a command, once.
  mutating func end(
    command id: String, kind: CommandKind, model: String?, version: String?, _ refusal: Refusal? = nil,
    outcome: String, message: String? = nil, _ fill: (inout Event) -> Void = { _ in }
  ) {
    draft.change.commands.append(
      CommandRecord(
        id: id, kind: kind, model: model, controlOffset: draft.change.state.controlOffset,
        outcome: refusal == nil ? .applied : .failed, reason: refusal?.reason))
    emit(refusal == nil ? .commandApplied : .commandFailed) { event in
      event.commandID = id
      event.model = model
      event.version = version
      event.outcome = outcome
      event.reason = refusal?.reason
      event.message = refusal?.message ?? message
      fill(&event)
    }
  }

  /// Ends the command that announced a release, if it has not ended yet.
  mutating func settleCommand(
    of identity: ReleaseIdentity, _ refusal: Refusal? = nil, outcome: String, message: String? = nil
  ) {
    guard let record = ledger(identity.model).release(identity.version), !record.isSettled else { return }
    update(identity) { $0.isSettled = true }
    end(
      command: record.commandID, kind: .modelReady, model: identity.model, version: identity.version, refusal,
      outcome: outcome, message: message
    ) { event in
      event.digest = identity.digest
      event.report = record.report
    }
  }

  mutating func reject(id: String?, kind: CommandKind?, model: String?, offset: Int64, _ refusal: Refusal) {
    if let id, refusal.reason != .duplicate {
      draft.change.commands.append(
        CommandRecord(
          id: id, kind: kind, model: model, controlOffset: offset, outcome: .rejected, reason: refusal.reason))
    }
    emit(.commandRejected) { event in
      event.commandID = id
      event.model = model
      event.outcome = "rejected"
      event.reason = refusal.reason
      event.message = "control offset \(offset): \(refusal.message)"
    }
  }
}
