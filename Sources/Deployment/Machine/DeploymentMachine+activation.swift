import Domain

/// What goes live, and when.
extension DeploymentMachine {
  /// Does whatever the state of a model now allows: switches, and what follows from them.
  mutating func settle(_ model: String) {
    guard !isReadingBacklog else { return }
    if let pending = ledger(model).pendingSwitch { carryOut(pending, of: model) }
    if ledger(model).pendingSwitch == nil { activateNewest(of: model) } else { replaceStopped(of: model) }
    passOverOlder(of: model)
    trim(model)
  }

  /// The newest planned release that is in memory goes live, unless something holds it.
  private mutating func activateNewest(of model: String) {
    if ledger(model).hold != nil || ledger(model).pause != nil { keepPlanned(of: model) }
    let ledger = ledger(model)
    let top = ledger.activations.lastIndex { !$0.isPlanned } ?? -1
    let position = ledger.activations.indices.reversed().first {
      ledger.activations[$0].isPlanned && isLoaded(ledger.activations[$0].version, of: ledger)
    }
    if let position, position > top {
      let entry = ledger.activations[position]
      if let expected = entry.ifCurrent, !isCurrent(expected, ledger) {
        refuseStale(entry, of: model, expected)
        return activateNewest(of: model)
      }
      activate(ledger, at: position)
    } else {
      replaceStopped(of: model)
    }
  }

  /// When what was live has been stopped, the one below it on the stack takes its place, if it has proved itself since:
  /// also while a switch waits for its release, for who sent it did not ask for a gap.
  private mutating func replaceStopped(of model: String) {
    var ledger = ledger(model)
    guard ledger.live == nil, let top = ledger.activations.lastIndex(where: { !$0.isPlanned }),
      isProvedNow(ledger.activations[top].version, of: ledger)
    else { return }
    ledger.activations[top] = Activation(
      version: ledger.activations[top].version, commandID: nil, kind: .rollback, at: now, isFromBacklog: false)
    activate(ledger, at: top)
  }

  private func isProvedNow(_ version: String, of ledger: ModelLedger) -> Bool {
    ledger.release(version).map { loaded.contains($0.identity) && !unproved.contains($0.identity) } ?? false
  }

  private mutating func refuseStale(_ entry: Activation, of model: String, _ expected: String) {
    var ledger = ledger(model)
    ledger.activations.removeAll { $0 == entry }
    store(ledger)
    guard let record = ledger.release(entry.version) else { return }
    update(record.identity) { $0.intent = .store }
    emit(.releaseStored, record)
    settleCommand(
      of: record.identity,
      Refusal(
        .staleCurrent, "if_current is \(expected), but \(ledger.live?.version ?? "nothing") is live at the switch"),
      outcome: "stored")
  }

  /// Planned activations below what is live are left behind: at the end of a backlog nearly all of it.
  private mutating func passOverOlder(of model: String) {
    var ledger = ledger(model)
    guard let live = ledger.live, let position = ledger.activations.lastIndex(of: live) else { return }
    var (history, superseded): ([ReleaseRecord], [ReleaseRecord]) = ([], [])
    for index in 0..<position where ledger.activations[index].isPlanned {
      guard let record = ledger.release(ledger.activations[index].version) else { continue }
      guard ledger.activations[index].isFromBacklog else {
        superseded.append(record)
        continue
      }
      // It went live elsewhere: history, and a way back.
      ledger.activations[index].isPlanned = false
      ledger.activations[index].isConfirmed = true
      history.append(record)
    }
    guard !history.isEmpty || !superseded.isEmpty else { return }
    store(ledger)
    prove(history, as: .store)
    forget(superseded, of: model, message: "\(live.version) is newer and went live first") { _ in .superseded }
  }

  /// The model is held: what was planned is stored instead, but for what went live elsewhere before the hold.
  private mutating func keepPlanned(of model: String) {
    setAside(ledger(model).activations.filter { $0.isPlanned && !$0.isFromBacklog }, of: model, as: .hold)
  }

  /// Releases that were to go live are only proved.
  mutating func setAside(_ entries: [Activation], of model: String, as intent: ReleaseIntent) {
    guard !entries.isEmpty else { return }
    var ledger = ledger(model)
    let versions = Set(entries.map(\.version))
    ledger.activations.removeAll { $0.isPlanned && versions.contains($0.version) }
    store(ledger)
    prove(entries.compactMap { ledger.release($0.version) }, as: intent)
  }

  private mutating func prove(_ records: [ReleaseRecord], as intent: ReleaseIntent) {
    for record in records {
      update(record.identity) { $0.intent = intent }
      if !record.step.isInProgress { settleProof(of: record.identity) }
    }
  }

  /// The activation at a position of the stack begins. What it replaces is told of now, if its lanes have not all taken
  /// it: it will not be live again.
  mutating func activate(_ stacked: ModelLedger, at position: Int) {
    var ledger = stacked
    let live = draft.change.state.models[ledger.model]?.live
    ledger.generation += 1
    ledger.activations[position].isPlanned = false
    ledger.activations[position].isConfirmed = false
    ledger.activations[position].generation = ledger.generation
    ledger.activations[position].at = now
    ledger.activations[position].fromVersion = live?.version ?? ledger.stoppedVersion
    if ledger.activations[position].commandID != nil { ledger.stoppedVersion = nil }
    if let live, let old = ledger.position(of: live.version) {
      ledger.releases[old].step = .warm
      ledger.releases[old].updatedAt = now
    }
    let version = ledger.activations[position].version
    if let new = ledger.position(of: version) {
      ledger.releases[new].step = .live
      ledger.releases[new].updatedAt = now
      ledger.releases[new].wasRolledBack = false
    }
    if let live, !live.isConfirmed, let old = ledger.activations[..<position].lastIndex(of: live) {
      ledger.activations[old].isConfirmed = true
    }
    store(ledger)
    if let live, !live.isConfirmed { tell(live, of: ledger.model, message: "\(version) took its place at once") }
    draft.actions.append(.publishRouting)
  }

  /// The lanes have taken an activation: now it is told.
  mutating func confirm(_ model: String, _ generation: Int, _ firstOffsets: [String: Int64], _ milliseconds: Double) {
    var ledger = ledger(model)
    guard let live = ledger.live, live.generation == generation, !live.isConfirmed,
      let position = ledger.activations.lastIndex(of: live)
    else { return }
    ledger.activations[position].isConfirmed = true
    store(ledger)
    tell(live, of: model, firstOffsets: firstOffsets, milliseconds: milliseconds)
  }

  /// Tells of an activation and ends the commands behind it.
  private mutating func tell(
    _ activation: Activation, of model: String, firstOffsets: [String: Int64]? = nil, milliseconds: Double? = nil,
    message: String? = nil
  ) {
    guard let record = ledger(model).release(activation.version) else { return }
    var timings = timings.removeValue(forKey: record.identity) ?? [:]
    timings["switch"] = milliseconds
    let fill: (inout Event) -> Void = { event in
      event.model = model
      event.version = activation.version
      event.fromVersion = activation.fromVersion
      event.digest = record.identity.digest
      event.generation = activation.generation
      event.outcome = "live"
      event.cause = activation.commandID == nil ? "gate" : activation.kind.rawValue
      event.message = message
      event.timings = timings
      event.firstOffsets = firstOffsets
    }
    emit(.releaseLive) { event in
      event.commandID = activation.commandID
      fill(&event)
    }
    if activation.commandID == record.commandID {
      update(record.identity) { $0.isSettled = true }
    } else {
      settleCommand(of: record.identity, outcome: "live")
    }
    if let command = activation.commandID {
      end(command: command, kind: activation.kind, model: model, version: activation.version, outcome: "live", fill)
    }
  }
}
