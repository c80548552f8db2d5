import Domain

/// Commands: accepted once, or rejected with a reason.
extension DeploymentMachine {
  mutating func accept(_ envelope: CommandEnvelope, offset: Int64, recordTime: Int64) {
    guard envelope.targets(group: settings.group, worker: settings.worker) else { return }
    let model = envelope.command.model
    if let model, let served = settings.servedModels, !served.contains(model) { return }
    do throws(Refusal) {
      try checkEnvelope(envelope, recordTime: recordTime)
      try check(envelope)
    } catch {
      return reject(id: envelope.id, kind: envelope.command.kind, model: model, offset: offset, error)
    }
    draft.change.commands.append(
      CommandRecord(
        id: envelope.id, kind: envelope.command.kind, model: model, controlOffset: offset, outcome: .accepted))
    emit(.commandAccepted) { event in
      event.commandID = envelope.id
      event.model = model
      event.outcome = "accepted"
      event.message = "\(envelope.command.kind.rawValue) from \(envelope.source)"
    }
    if envelope.isDryRun, envelope.command.kind != .modelReady {
      return end(
        command: envelope.id, kind: envelope.command.kind, model: model, version: nil, outcome: "dry_run",
        message: "would be applied")
    }
    carryOut(envelope, offset: offset)
  }

  private func checkEnvelope(_ envelope: CommandEnvelope, recordTime: Int64) throws(Refusal) {
    if let expiry = envelope.expiresAt, recordTime > expiry {
      throw Refusal(
        .expired, "published at \(Timestamp.text(recordTime)), after its expirytime \(Timestamp.text(expiry))")
    }
    if let expected = envelope.ifCurrent, let model = envelope.command.model {
      let ledger = ledger(model)
      let current = isReadingBacklog ? decided(ledger).top : ledger.live?.version
      guard current == expected || isCurrent(expected, ledger) else {
        throw Refusal(.staleCurrent, "if_current is \(expected), but \(current ?? "nothing") is live")
      }
    }
  }

  /// Whether a version is live, or was when whoever sent a command looked: the worker itself may have stopped it since.
  func isCurrent(_ version: String, _ ledger: ModelLedger) -> Bool {
    version == ledger.live?.version || version == ledger.stoppedVersion
  }

  private func check(_ envelope: CommandEnvelope) throws(Refusal) {
    switch envelope.command {
    case .modelReady(let ready): try check(ready)
    case .rollback(let rollback): _ = try target(of: rollback)
    case .traffic(let traffic): _ = try target(of: traffic)
    case .retire(let retire): try check(retire)
    case .pause(let pause): try checkScope(pause.scope, pause.model)
    case .resume(let resume): try checkScope(resume.scope, resume.model)
    }
  }

  private func check(_ ready: ModelReady) throws(Refusal) {
    if ready.activate == .canary || ready.activate == .shadow {
      throw Refusal(.unsupported, "activate \(ready.activate.rawValue) is not supported yet; use auto or manual")
    }
    if ready.size > Limits.archiveBytes {
      throw Refusal(.tooLarge, "the archive has \(ready.size) bytes; at most \(Limits.archiveBytes) are taken")
    }
    try checkRoom(for: ready.model)
    guard let known = ledger(ready.model).release(ready.identity.version) else { return }
    guard known.identity.digest == ready.identity.digest else {
      throw Refusal(
        .immutableVersion,
        "\(ready.identity) was announced with digest \(known.identity.digest) and now has \(ready.identity.digest): "
          + "a version never changes, publish a new one")
    }
  }

  func target(of rollback: Rollback) throws(Refusal) -> String {
    let ledger = ledger(rollback.model)
    if let version = rollback.to {
      try checkUsable(version, ledger)
      return version
    }
    // What was live is off the stack already: its top is what was live before.
    let isStopped = !isReadingBacklog && ledger.live == nil && ledger.stoppedVersion != nil
    let previous = isStopped ? ledger.top?.version : isReadingBacklog ? decided(ledger).wayBack : ledger.wayBack
    guard let version = previous else {
      throw Refusal(.unknownVersion, "\(rollback.model) has no previous release on this worker; name one with `to`")
    }
    try checkUsable(version, ledger)
    return version
  }

  func target(of traffic: Traffic) throws(Refusal) -> String {
    guard traffic.routes.count == 1, traffic.routes[0].weight == 100, traffic.routes[0].role == "primary" else {
      throw Refusal(.unsupported, "only one primary route of weight 100 is supported yet")
    }
    try checkUsable(traffic.routes[0].version, ledger(traffic.model))
    return traffic.routes[0].version
  }

  private func checkUsable(_ version: String, _ ledger: ModelLedger) throws(Refusal) {
    guard let record = ledger.release(version) else {
      throw Refusal(.unknownVersion, "\(ledger.model) \(version) was never announced to this worker")
    }
    guard record.step.canBeSwitchedTo else {
      throw Refusal(.unknownVersion, "\(record.identity) is \(record.step.rawValue); publish it again")
    }
  }

  private func check(_ retire: Retire) throws(Refusal) {
    let ledger = ledger(retire.model)
    guard ledger.release(retire.version) != nil else {
      throw Refusal(.unknownVersion, "\(retire.model) \(retire.version) was never announced to this worker")
    }
    guard !protectedVersions(ledger).contains(retire.version) else {
      throw Refusal(
        .unsupported,
        "\(retire.model) \(retire.version) is live, on its way there, or the way back; it cannot be retired")
    }
  }

  private func checkScope(_ scope: PauseScope, _ model: String?) throws(Refusal) {
    if scope == .activation, model == nil {
      throw Refusal(.malformed, "data.model: needed with scope activation")
    }
    if scope == .activation, let model { try checkRoom(for: model) }
  }

  private func checkRoom(for model: String) throws(Refusal) {
    guard draft.change.state.models[model] == nil, draft.change.state.models.count >= Limits.modelsPerWorker else {
      return
    }
    throw Refusal(.tooLarge, "this worker knows \(Limits.modelsPerWorker) models already")
  }

  // MARK: Carrying out

  private mutating func carryOut(_ envelope: CommandEnvelope, offset: Int64) {
    switch envelope.command {
    case .modelReady(let ready): announce(ready, envelope, offset: offset)
    case .rollback(let rollback): begin(rollback, envelope, offset: offset)
    case .traffic(let traffic):
      guard let version = try? target(of: traffic) else { return }
      promote(version, .traffic, envelope, offset: offset, of: traffic.model)
    case .retire(let retire):
      if let record = ledger(retire.model).release(retire.version), record.step.canBeSwitchedTo {
        forget([record], of: retire.model, message: "by command \(envelope.id)") { _ in .retired }
      }
      end(
        command: envelope.id, kind: .retire, model: retire.model, version: retire.version, outcome: "retired")
    case .pause(let pause): begin(pause, envelope)
    case .resume(let resume): carryOut(resume, envelope)
    }
  }

  private mutating func begin(_ pause: Pause, _ envelope: CommandEnvelope) {
    let hold = Hold(commandID: envelope.id, reason: pause.reason ?? "pause", since: now, until: pause.until)
    switch (pause.scope, pause.model) {
    case (.activation, let model?):
      var ledger = ledger(model)
      ledger.pause = hold
      store(ledger)
      if !isReadingBacklog, let pending = ledger.pendingSwitch, pending.kind == .modelReady,
        let record = ledger.release(pending.version)
      {
        dropPendingSwitch(of: model, heldRefusal(record.identity), outcome: "held")
      }
    default:
      draft.change.state.consumePause = hold
      draft.actions.append(.setConsumptionPaused(true))
    }
    end(command: envelope.id, kind: .pause, model: pause.model, version: nil, outcome: "paused")
  }

  private mutating func carryOut(_ resume: Resume, _ envelope: CommandEnvelope) {
    var message: String?
    switch (resume.scope, resume.model) {
    case (.activation, let model?):
      var ledger = ledger(model)
      ledger.pause = nil
      ledger.hold = nil
      store(ledger)
      if let held = ledger.releases.last(where: { $0.step == .held || $0.step.isInProgress && $0.intent == .hold }) {
        message = "\(held.identity) is stored: `understudy traffic \(model) \(held.identity.version)=100` makes it live"
      }
    default:
      draft.change.state.consumePause = nil
      draft.actions.append(.setConsumptionPaused(false))
    }
    end(
      command: envelope.id, kind: .resume, model: resume.model, version: nil, outcome: "resumed", message: message)
  }
}
