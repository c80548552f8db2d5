import Domain

/// What goes live, and when.
extension DeploymentMachine {
  /// Rolls back: whatever is not live yet stays off, and the target goes live as soon as it is in memory.
  mutating func begin(_ rollback: Rollback, _ envelope: CommandEnvelope) {
    guard let version = try? target(of: rollback) else { return }
    var ledger = ledger(rollback.model)
    if rollback.hold {
      ledger.hold = Hold(commandID: envelope.id, reason: rollback.reason ?? "rollback", since: now)
    }
    let dropped = ledger.activations.filter { $0.isPlanned && $0.version != version }
    let target = ledger.release(version)?.sequence ?? .max
    for activation in dropped {
      guard let position = ledger.position(of: activation.version) else { continue }
      // What the backlog shows as history below the target stays history.
      if activation.isFromBacklog, ledger.releases[position].sequence < target { continue }
      ledger.releases[position].intent = rollback.hold ? .hold : .store
      ledger.activations.removeAll { $0.isPlanned && $0.version == activation.version }
    }
    store(ledger)
    request(
      PendingSwitch(version: version, commandID: envelope.id, kind: .rollback, ifCurrent: envelope.ifCurrent),
      of: rollback.model)
  }

  /// Notes a switch that is to happen; the newest one counts.
  mutating func request(_ pending: PendingSwitch, of model: String) {
    var ledger = ledger(model)
    if let older = ledger.pendingSwitch {
      end(
        command: older.commandID, kind: older.kind, model: model, version: older.version,
        Refusal(.superseded, "command \(pending.commandID) came before it took effect"), outcome: "superseded")
    }
    ledger.pendingSwitch = pending
    store(ledger)
  }

  /// Does whatever the state of a model now allows: switches, and what follows from them.
  mutating func settle(_ model: String) {
    if !isReadingBacklog {
      if let pending = ledger(model).pendingSwitch {
        carryOut(pending, of: model)
      } else {
        activateNewest(of: model)
      }
    }
    trim(model)
  }

  private mutating func carryOut(_ pending: PendingSwitch, of model: String) {
    var ledger = ledger(model)
    if ledger.live?.version == pending.version {
      ledger.pendingSwitch = nil
      store(ledger)
      return end(
        command: pending.commandID, kind: pending.kind, model: model, version: pending.version, outcome: "live",
        message: "it was live already")
    }
    guard isLoaded(pending.version, of: ledger) else { return }
    ledger.pendingSwitch = nil
    if let expected = pending.ifCurrent, expected != ledger.live?.version {
      store(ledger)
      return end(
        command: pending.commandID, kind: pending.kind, model: model, version: pending.version,
        Refusal(.staleCurrent, "if_current is \(expected), but \(ledger.live?.version ?? "nothing") is live at the switch"),
        outcome: "failed")
    }
    var activation = Activation(
      version: pending.version, commandID: pending.commandID, kind: pending.kind, at: now, isFromBacklog: false)
    let from = ledger.live?.version
    if pending.kind == .rollback {
      pop(to: pending.version, &ledger)
    } else {
      ledger.activations.removeAll { $0.isPlanned && $0.version == pending.version }
    }
    activate(&activation, from: from, &ledger)
    ledger.activations.append(activation)
    store(ledger)
  }

  /// Takes everything off the stack that came after the target, and the target itself.
  private mutating func pop(to version: String, _ ledger: inout ModelLedger) {
    let live = ledger.live?.version
    let kept: [Activation]
    if let position = ledger.activations.lastIndex(where: { $0.version == version }) {
      kept = Array(ledger.activations[..<position])
    } else {
      let target = ledger.release(version)?.sequence ?? 0
      kept = ledger.activations.filter { (ledger.release($0.version)?.sequence ?? 0) < target }
    }
    let keptVersions = Set(kept.map(\.version))
    for activation in ledger.activations where !keptVersions.contains(activation.version) && activation.version != version {
      if let position = ledger.position(of: activation.version), activation.version == live || !activation.isPlanned {
        ledger.releases[position].wasRolledBack = true
      }
    }
    ledger.activations = kept
  }

  /// The newest planned release that is in memory goes live, unless something holds it.
  private mutating func activateNewest(of model: String) {
    if ledger(model).hold != nil || ledger(model).pause != nil { keepPlanned(of: model) }
    var ledger = ledger(model)
    let position = ledger.activations.indices.reversed().first {
      ledger.activations[$0].isPlanned && isLoaded(ledger.activations[$0].version, of: ledger)
    }
    guard let position, position > (ledger.activations.lastIndex { !$0.isPlanned } ?? -1) else { return }
    var activation = ledger.activations[position]
    if let expected = activation.ifCurrent, expected != ledger.live?.version {
      ledger.activations.remove(at: position)
      store(ledger)
      guard let record = ledger.release(activation.version) else { return }
      emit(.releaseStored, record)
      return settleCommand(
        of: record.identity,
        Refusal(.staleCurrent, "if_current is \(expected), but \(ledger.live?.version ?? "nothing") is live at the switch"),
        outcome: "stored")
    }
    activate(&activation, from: ledger.live?.version, &ledger)
    ledger.activations[position] = activation
    let older = ledger.activations[..<position].filter(\.isPlanned)
    store(ledger)
    for entry in older { passOver(entry, of: model) }
  }

  /// A planned activation is left behind by a newer one that is live.
  private mutating func passOver(_ entry: Activation, of model: String) {
    var ledger = ledger(model)
    guard let record = ledger.release(entry.version) else { return }
    if entry.isFromBacklog {
      // It went live elsewhere: history, and a way back.
      if let position = ledger.activations.firstIndex(of: entry) {
        ledger.activations[position].isPlanned = false
        ledger.activations[position].isConfirmed = true
      }
      store(ledger)
      update(record.identity) { $0.intent = .store }
    } else {
      forget(record.identity, as: .superseded, .releaseSuperseded, message: "a newer release went live first")
    }
  }

  /// The model is held: what was planned is stored instead, but for what went live elsewhere before the hold.
  private mutating func keepPlanned(of model: String) {
    var ledger = ledger(model)
    let planned = ledger.activations.filter { $0.isPlanned && !$0.isFromBacklog }
    guard !planned.isEmpty else { return }
    ledger.activations.removeAll { $0.isPlanned && !$0.isFromBacklog }
    store(ledger)
    for entry in planned {
      guard let record = ledger.release(entry.version) else { continue }
      update(record.identity) { $0.intent = .hold }
      if record.step == .warm {
        update(record.identity) { $0.step = .held }
        emit(.releaseHeld, record)
        settleCommand(of: record.identity, heldRefusal(record.identity), outcome: "held")
      }
    }
  }

  private mutating func activate(_ activation: inout Activation, from: String?, _ ledger: inout ModelLedger) {
    ledger.generation += 1
    activation.isPlanned = false
    activation.isConfirmed = false
    activation.generation = ledger.generation
    activation.at = now
    activation.fromVersion = from
    if let from, let position = ledger.position(of: from), ledger.releases[position].step == .live {
      ledger.releases[position].step = .warm
      ledger.releases[position].updatedAt = now
    }
    if let position = ledger.position(of: activation.version) {
      ledger.releases[position].step = .live
      ledger.releases[position].updatedAt = now
      ledger.releases[position].wasRolledBack = false
    }
    draft.actions.append(.publishRouting)
  }

  /// The lanes have taken an activation: now it is told.
  mutating func confirm(_ model: String, _ generation: Int, _ firstOffsets: [String: Int64], _ milliseconds: Double) {
    var ledger = ledger(model)
    guard let position = ledger.activations.firstIndex(where: { $0.generation == generation && !$0.isConfirmed && !$0.isPlanned })
    else { return }
    ledger.activations[position].isConfirmed = true
    let activation = ledger.activations[position]
    store(ledger)
    guard let record = ledger.release(activation.version) else { return }
    var timings = timings.removeValue(forKey: record.identity) ?? [:]
    timings["switch"] = milliseconds
    let fill: (inout Event) -> Void = { event in
      event.model = model
      event.version = activation.version
      event.fromVersion = activation.fromVersion
      event.digest = record.identity.digest
      event.generation = generation
      event.outcome = "live"
      event.timings = timings
      event.firstOffsets = firstOffsets
    }
    emit(.releaseLive) { event in
      event.commandID = activation.commandID
      fill(&event)
    }
    if activation.commandID == record.commandID { update(record.identity) { $0.isSettled = true } }
    end(
      command: activation.commandID, kind: activation.kind, model: model, version: activation.version, outcome: "live",
      message: nil, fill)
  }
}
