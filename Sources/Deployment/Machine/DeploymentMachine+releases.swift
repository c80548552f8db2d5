import Domain

/// How a release comes into the ledger, and how it leaves it.
extension DeploymentMachine {
  mutating func announce(_ ready: ModelReady, _ envelope: CommandEnvelope, offset: Int64) {
    var ledger = ledger(ready.model)
    let intent = intent(of: ready, isDryRun: envelope.isDryRun, ledger)
    if let known = ledger.release(ready.identity.version) {
      if known.step.isProved {
        return announceAgain(known, intent, envelope, offset: offset)
      }
      if known.step.isInProgress, envelope.isDryRun {
        return end(
          command: envelope.id, kind: .modelReady, model: ready.model, version: ready.identity.version,
          outcome: "dry_run", message: "it is being proved for command \(known.commandID)")
      }
      if isReadingBacklog, takesOver(known, intent) { return takeOver(known, ready, envelope) }
      // The same content again, after it was dropped or while it is under way: the newer command takes over.
      settleCommand(
        of: known.identity, Refusal(.superseded, "announced again by command \(envelope.id)"), outcome: "superseded")
      if known.archiveDigest != ready.archiveDigest { draft.actions.append(.removeFiles(known)) }
      ledger = self.ledger(ready.model)
      ledger.releases.removeAll { $0.identity.version == ready.identity.version }
      ledger.activations.removeAll { $0.isPlanned && $0.version == ready.identity.version }
    }
    var record = ReleaseRecord(ready, intent: intent, commandID: envelope.id, sequence: offset, at: now)
    // A switch to it waits already, and something newer behind that: now this is the newest.
    let isOvertaking =
      intent == .activate && ledger.pendingSwitch?.version == ready.identity.version
      && decided(ledger).top != ready.identity.version
    record.isSettled = isOvertaking
    ledger.releases.append(record)
    if intent == .activate, !isOvertaking {
      ledger.activations.append(
        Activation(
          version: ready.identity.version, commandID: envelope.id, kind: .modelReady, at: now,
          isFromBacklog: isReadingBacklog, ifCurrent: expectedAtSwitch(envelope)))
    }
    store(ledger)
    emit(.releaseAnnounced, record)
    if isOvertaking { promote(ready.identity.version, .modelReady, envelope, offset: offset, of: ready.model) }
  }

  /// Whether a release that the backlog shows as having gone live is only named once more: elsewhere it was there when
  /// this was read.
  private func takesOver(_ known: ReleaseRecord, _ intent: ReleaseIntent) -> Bool {
    let ledger = ledger(known.identity.model)
    guard ledger.activations.contains(where: { $0.isFromBacklog && $0.commandID == known.commandID }) else {
      return false
    }
    return intent != .activate || decided(ledger).top == known.identity.version
  }

  /// The newer command stands for the older one, which keeps its place in history.
  private mutating func takeOver(_ known: ReleaseRecord, _ ready: ModelReady, _ envelope: CommandEnvelope) {
    settleCommand(
      of: known.identity, Refusal(.superseded, "announced again by command \(envelope.id)"), outcome: "superseded")
    update(known.identity) {
      ($0.commandID, $0.isSettled) = (envelope.id, false)
      ($0.archiveDigest, $0.size, $0.uri) = (ready.archiveDigest, ready.size, ready.uri)
    }
    var ledger = ledger(ready.model)
    for position in ledger.activations.indices where ledger.activations[position].commandID == known.commandID {
      ledger.activations[position].commandID = envelope.id
    }
    store(ledger)
    if let record = ledger.release(ready.identity.version) { emit(.releaseAnnounced, record) }
  }

  private func intent(of ready: ModelReady, isDryRun: Bool, _ ledger: ModelLedger) -> ReleaseIntent {
    if ready.activate == .manual || isDryRun { return .store }
    return ledger.hold == nil && ledger.pause == nil ? .activate : .hold
  }

  /// A release that is on disk already is announced once more: nothing to fetch.
  private mutating func announceAgain(
    _ known: ReleaseRecord, _ intent: ReleaseIntent, _ envelope: CommandEnvelope, offset: Int64
  ) {
    let (model, version) = (known.identity.model, known.identity.version)
    if known.step == .live || envelope.isDryRun {
      return end(
        command: envelope.id, kind: .modelReady, model: model, version: version, outcome: known.step.rawValue,
        message: known.step == .live ? "it was live already" : "this worker has it already")
    }
    var ledger = ledger(model)
    ledger.activations.removeAll { $0.isPlanned && $0.version == version }
    store(ledger)
    settleCommand(
      of: known.identity, Refusal(.superseded, "announced again by command \(envelope.id)"), outcome: "superseded")
    update(known.identity) {
      $0.commandID = envelope.id
      $0.isSettled = true
    }
    switch intent {
    case .store:
      end(
        command: envelope.id, kind: .modelReady, model: model, version: version, outcome: known.step.rawValue,
        message: "this worker has it already")
    case .hold:
      end(
        command: envelope.id, kind: .modelReady, model: model, version: version, heldRefusal(known.identity),
        outcome: "held")
    case .activate: promote(version, .modelReady, envelope, offset: offset, of: model)
    }
  }

  func heldRefusal(_ identity: ReleaseIdentity) -> Refusal {
    let ledger = ledger(identity.model)
    let promotion = "`understudy traffic \(identity.model) \(identity.version)=100` makes this release live"
    guard let hold = ledger.hold ?? ledger.pause else {
      return Refusal(
        .held, "\(identity) is stored but not live: \(identity.model) was held when it was announced. \(promotion)")
    }
    return Refusal(
      .held,
      "\(identity) is stored but not live: \(identity.model) is held by command \(hold.commandID) (\(hold.reason)). "
        + "`understudy resume --model \(identity.model)` ends the hold, \(promotion)")
  }

  // MARK: Ends

  /// A release has proved itself and is not to go live by itself: it stays, and its command has ended.
  mutating func settleProof(of identity: ReleaseIdentity) {
    guard let record = ledger(identity.model).release(identity.version), !record.isSettled else { return }
    switch record.intent {
    case .activate: break
    case .store:
      emit(.releaseStored, record)
      settleCommand(of: identity, outcome: "stored")
    case .hold:
      update(identity) { $0.step = .held }
      unload(identity)
      emit(.releaseHeld, record)
      settleCommand(of: identity, heldRefusal(identity), outcome: "held")
    }
  }

  /// A release is out: its record says why, its command has failed, whatever waited for it goes on without.
  mutating func refuse(_ record: ReleaseRecord, _ refusal: Refusal, report: GateReport? = nil) {
    let identity = record.identity
    unload(identity)
    update(identity) {
      $0.step = .refused
      $0.reason = refusal.reason
      $0.message = refusal.message
      $0.report = report?.completed(by: $0.report) ?? $0.report
      ($0.attempts, $0.retryAt) = (0, nil)
    }
    emit(.releaseRefused, record, refusal, report: report)
    settleCommand(of: identity, refusal, outcome: "refused")
    let ledger = ledger(identity.model)
    if ledger.pendingSwitch?.version == identity.version {
      dropPendingSwitch(of: identity.model, refusal, outcome: "failed")
    }
    // It was live and not told of yet: a command of its own that is not the announcement's ends here.
    if let live = ledger.top, live.version == identity.version, !live.isConfirmed, let command = live.commandID,
      command != record.commandID || record.isSettled
    {
      end(
        command: command, kind: live.kind, model: identity.model, version: identity.version, refusal, outcome: "failed")
    }
    removeActivations(of: identity)
    timings[identity] = nil
    draft.actions += [.publishRouting, .removeFiles(record)]
    keepSummary(of: identity)
  }

  /// The report has been told with the end of its command; what is remembered of releases that are over must be small.
  private mutating func keepSummary(of identity: ReleaseIdentity) {
    update(identity) { $0.report = $0.report?.summary }
  }

  /// Drops releases' files; their records stay, so that their versions stay immutable.
  ///
  /// All of them at once: a long backlog passes over thousands, and a search and a new stack for each of them would take
  /// the square of its length.
  /// - Parameter step: what becomes of a release, superseded or retired.
  mutating func forget(
    _ records: [ReleaseRecord], of model: String, message: String, as step: (ReleaseRecord) -> ReleaseStep
  ) {
    guard !records.isEmpty else { return }
    var ledger = ledger(model)
    for record in records {
      guard let position = ledger.position(of: record.identity.version) else { continue }
      ledger.releases[position].step = step(record)
      ledger.releases[position].message = message
      ledger.releases[position].isSettled = true
      ledger.releases[position].report = record.report?.summary
      ledger.releases[position].updatedAt = now
    }
    let versions = Set(records.map(\.identity.version))
    ledger.activations.removeAll { versions.contains($0.version) }
    store(ledger)
    for record in records { tellOfEnd(record, as: step(record), message) }
  }

  /// Tells that a release is forgotten, and ends the command that announced it.
  private mutating func tellOfEnd(_ record: ReleaseRecord, as step: ReleaseStep, _ message: String) {
    let identity = record.identity
    unload(identity)
    timings[identity] = nil
    emit(step == .superseded ? .releaseSuperseded : .releaseRetired) { event in
      event.commandID = record.commandID
      event.model = identity.model
      event.version = identity.version
      event.outcome = step.rawValue
      event.digest = identity.digest
      event.message = message
    }
    draft.actions += [.publishRouting, .removeFiles(record)]
    guard !record.isSettled else { return }
    end(
      command: record.commandID, kind: .modelReady, model: identity.model, version: identity.version,
      Refusal(.superseded, message), outcome: step.rawValue
    ) { event in
      event.digest = identity.digest
      event.report = record.report
    }
  }

  private mutating func removeActivations(of identity: ReleaseIdentity) {
    var ledger = ledger(identity.model)
    ledger.activations.removeAll { $0.version == identity.version }
    store(ledger)
  }
}
