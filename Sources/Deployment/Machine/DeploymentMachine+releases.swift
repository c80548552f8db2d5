import Domain

/// A release's way: announced → fetched → verified → warm, or refused.
extension DeploymentMachine {
  mutating func announce(_ ready: ModelReady, _ envelope: CommandEnvelope, offset: Int64) {
    var ledger = ledger(ready.model)
    let intent = intent(of: ready, isDryRun: envelope.isDryRun, ledger)
    if let known = ledger.release(ready.identity.version) {
      if known.step.isOnDisk, known.step != .verified {
        return announceAgain(known, ready, intent, envelope)
      }
      // The same content again, after it was dropped or while it is under way: the newer command takes over.
      settleCommand(of: known.identity, Refusal(.superseded, "announced again by command \(envelope.id)"), outcome: "superseded")
      ledger = self.ledger(ready.model)
      ledger.releases.removeAll { $0.identity.version == ready.identity.version }
      ledger.activations.removeAll { $0.isPlanned && $0.version == ready.identity.version }
    }
    let record = ReleaseRecord(ready, intent: intent, commandID: envelope.id, sequence: offset, at: now)
    ledger.releases.append(record)
    if intent == .activate {
      ledger.activations.append(
        Activation(
          version: ready.identity.version, commandID: envelope.id, kind: .modelReady, at: now,
          isFromBacklog: isReadingBacklog, ifCurrent: envelope.ifCurrent))
    }
    store(ledger)
    emit(.releaseAnnounced, record)
  }

  private func intent(of ready: ModelReady, isDryRun: Bool, _ ledger: ModelLedger) -> ReleaseIntent {
    if ready.activate == .manual || isDryRun { return .store }
    return ledger.hold == nil && ledger.pause == nil ? .activate : .hold
  }

  /// A release that is on disk already is announced once more: nothing to fetch.
  private mutating func announceAgain(
    _ known: ReleaseRecord, _ ready: ModelReady, _ intent: ReleaseIntent, _ envelope: CommandEnvelope
  ) {
    settleCommand(of: known.identity, outcome: known.step.rawValue)
    update(known.identity) {
      $0.commandID = envelope.id
      $0.isSettled = true
    }
    switch intent {
    case .store:
      end(
        command: envelope.id, kind: .modelReady, model: ready.model, version: ready.identity.version,
        outcome: known.step.rawValue, message: "this worker has it already")
    case .hold:
      end(
        command: envelope.id, kind: .modelReady, model: ready.model, version: ready.identity.version,
        heldRefusal(known.identity), outcome: "held")
    case .activate:
      request(
        PendingSwitch(
          version: ready.identity.version, commandID: envelope.id, kind: .modelReady, ifCurrent: envelope.ifCurrent),
        of: ready.model)
    }
  }

  func heldRefusal(_ identity: ReleaseIdentity) -> Refusal {
    let ledger = ledger(identity.model)
    let hold = ledger.hold ?? ledger.pause
    return Refusal(
      .held,
      "\(identity) is stored but not live: \(identity.model) is held by command \(hold?.commandID ?? "?") (\(hold?.reason ?? "?")). "
        + "`understudy resume --model \(identity.model)` ends the hold, `understudy traffic \(identity.model) \(identity.version)=100` makes this release live")
  }

  // MARK: Steps

  mutating func finish(_ work: Work, _ milliseconds: Double) {
    let identity = work.release.identity
    guard let record = ledger(identity.model).release(identity.version), record.identity == identity,
      record.step.isInProgress || record.step.isOnDisk
    else {
      // It was retired or superseded meanwhile.
      if work.kind == .load { draft.actions.append(.unload(identity)) }
      draft.actions.append(.removeFiles(work.release))
      return
    }
    // Loaded again after a restart: that it is warm was recorded before, and no activation waited for it.
    let isRestored = work.kind == .load && record.step.isLoaded
    if !isRestored { timings[identity, default: [:]][work.kind.rawValue] = milliseconds }
    switch work.kind {
    case .fetch:
      guard record.step == .announced else { return }
      move(record, to: .fetched, .releaseFetched, [work.kind.rawValue: milliseconds])
    case .verify:
      guard record.step == .announced || record.step == .fetched else { return }
      move(record, to: .verified, .releaseVerified, [work.kind.rawValue: milliseconds])
    case .load:
      markLoaded(identity)
      if isRestored { draft.actions.append(.publishRouting) } else { warm(record, milliseconds) }
    }
  }

  private mutating func move(_ record: ReleaseRecord, to step: ReleaseStep, _ type: EventType, _ timings: [String: Double]) {
    update(record.identity) { $0.step = step }
    emit(type, record, timings: timings)
  }

  private mutating func warm(_ record: ReleaseRecord, _ milliseconds: Double) {
    let isFirst = record.step == .verified
    update(record.identity) { $0.step = .warm }
    emit(.releaseWarmed, record, timings: ["load": milliseconds])
    draft.actions.append(.publishRouting)
    guard isFirst else { return }
    switch record.intent {
    case .activate: break
    case .store:
      emit(.releaseStored, record)
      settleCommand(of: record.identity, outcome: "stored")
    case .hold:
      update(record.identity) { $0.step = .held }
      emit(.releaseHeld, record)
      settleCommand(of: record.identity, heldRefusal(record.identity), outcome: "held")
      if ledger(record.identity.model).pendingSwitch?.version != record.identity.version { unload(record.identity) }
    }
  }

  mutating func fail(_ work: Work, _ refusal: Refusal) {
    let identity = work.release.identity
    guard let record = ledger(identity.model).release(identity.version), record.identity == identity,
      record.step.isInProgress || record.step.isOnDisk
    else { return }
    refuse(record, refusal)
  }

  /// A release is out: its record says why, its command has failed, whatever waited for it goes on without.
  mutating func refuse(_ record: ReleaseRecord, _ refusal: Refusal) {
    let identity = record.identity
    let wasLive = ledger(identity.model).live?.version == identity.version
    unload(identity)
    update(identity) {
      $0.step = .refused
      $0.reason = refusal.reason
      $0.message = refusal.message
    }
    emit(.releaseRefused, record, refusal)
    settleCommand(of: identity, refusal, outcome: "refused")
    var ledger = ledger(identity.model)
    ledger.activations.removeAll { $0.version == identity.version }
    if let pending = ledger.pendingSwitch, pending.version == identity.version {
      ledger.pendingSwitch = nil
      store(ledger)
      if pending.commandID != record.commandID {
        end(
          command: pending.commandID, kind: pending.kind, model: identity.model, version: identity.version, refusal,
          outcome: "failed")
      }
      ledger = self.ledger(identity.model)
    }
    if wasLive, ledger.pendingSwitch == nil, let back = ledger.live {
      // What was live cannot be loaded any more: back to what was live before it.
      ledger.pendingSwitch = PendingSwitch(version: back.version, commandID: back.commandID, kind: .rollback)
    }
    store(ledger)
    draft.actions += [.publishRouting, .removeFiles(record)]
  }

  /// Drops a release's files; its record stays, so that the version stays immutable.
  mutating func forget(_ identity: ReleaseIdentity, as step: ReleaseStep, _ type: EventType, message: String) {
    guard let record = ledger(identity.model).release(identity.version) else { return }
    unload(identity)
    update(identity) {
      $0.step = step
      $0.message = message
    }
    emit(type) { event in
      event.commandID = record.commandID
      event.model = identity.model
      event.version = identity.version
      event.digest = identity.digest
      event.outcome = step.rawValue
      event.message = message
    }
    var ledger = ledger(identity.model)
    ledger.activations.removeAll { $0.version == identity.version }
    store(ledger)
    timings[identity] = nil
    draft.actions += [.publishRouting, .removeFiles(record)]
    let refusal = Refusal(step == .superseded ? .superseded : .unsupported, message)
    settleCommand(of: identity, refusal, outcome: step.rawValue)
  }
}
