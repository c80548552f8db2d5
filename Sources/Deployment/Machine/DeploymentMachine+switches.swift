import Domain

/// Switches that a command asks for: rollbacks, promotions and repeated announcements. The newest counts.
extension DeploymentMachine {
  /// Rolls back: whatever is not live yet stays off, and the target goes live as soon as it is in memory.
  mutating func begin(_ rollback: Rollback, _ envelope: CommandEnvelope, offset: Int64) {
    guard let version = try? target(of: rollback) else { return }
    var ledger = ledger(rollback.model)
    if rollback.hold {
      ledger.hold = Hold(commandID: envelope.id, reason: rollback.reason ?? "rollback", since: now)
      store(ledger)
    }
    let target = ledger.sequence(of: version) ?? .max
    var entries: [Activation] = []
    for entry in ledger.activations where entry.isPlanned && entry.version != version {
      guard let sequence = ledger.sequence(of: entry.version) else { continue }
      // What the backlog shows as history below the target stays history.
      if entry.isFromBacklog, sequence < target { continue }
      if entry.isFromBacklog, let record = ledger.release(entry.version) {
        update(record.identity) { $0.wasRolledBack = true }
      }
      entries.append(entry)
    }
    setAside(entries, of: rollback.model, as: rollback.hold ? .hold : .store)
    request(version, .rollback, envelope, offset: offset, of: rollback.model)
  }

  /// Makes a release live that is there, or on its way: what was announced before and is not live yet is stored
  /// instead.
  mutating func promote(
    _ version: String, _ kind: CommandKind, _ envelope: CommandEnvelope, offset: Int64, of model: String
  ) {
    let others = ledger(model).activations.filter { $0.isPlanned && !$0.isFromBacklog && $0.version != version }
    setAside(others, of: model, as: .store)
    request(version, kind, envelope, offset: offset, of: model)
  }

  private mutating func request(
    _ version: String, _ kind: CommandKind, _ envelope: CommandEnvelope, offset: Int64, of model: String
  ) {
    let former = ledger(model).pendingSwitch?.version
    dropPendingSwitch(
      of: model, Refusal(.superseded, "command \(envelope.id) came before it took effect"), outcome: "superseded")
    if let former, former != version { passOverAgain(former, of: model, envelope) }
    if let known = ledger(model).release(version), known.step == .superseded { fetchAgain(known, envelope) }
    var ledger = ledger(model)
    ledger.pendingSwitch = PendingSwitch(
      version: version, commandID: envelope.id, kind: kind, sequence: offset,
      ifCurrent: expectedAtSwitch(envelope))
    store(ledger)
  }

  /// What was fetched again only for a switch that is dropped is passed over again.
  private mutating func passOverAgain(_ version: String, of model: String, _ envelope: CommandEnvelope) {
    let ledger = ledger(model)
    guard let record = ledger.release(version), record.step.isInProgress, record.isSettled, record.intent == .store,
      !ledger.activations.contains(where: { $0.isPlanned && $0.version == version })
    else { return }
    forget([record], of: model, message: "command \(envelope.id) came before it was fetched again") { _ in .superseded }
  }

  /// A release that was passed over, because a newer one went live first or by `retain`, is proved after all.
  private mutating func fetchAgain(_ record: ReleaseRecord, _ envelope: CommandEnvelope) {
    update(record.identity) {
      ($0.step, $0.intent, $0.attempts, $0.retryAt) = (.announced, .store, 0, nil)
      ($0.reason, $0.message) = (nil, nil)
    }
    emit(.releaseAnnounced, record) { $0.message = "fetched again for command \(envelope.id)" }
  }

  /// The version that must be live at the switch. What the backlog holds was compared with what it decides, and is
  /// switched to in another order.
  func expectedAtSwitch(_ envelope: CommandEnvelope) -> String? { isReadingBacklog ? nil : envelope.ifCurrent }

  /// Ends the command of the switch that waits, if one does.
  mutating func dropPendingSwitch(of model: String, _ refusal: Refusal, outcome: String) {
    var ledger = ledger(model)
    guard let pending = ledger.pendingSwitch else { return }
    ledger.pendingSwitch = nil
    store(ledger)
    end(
      command: pending.commandID, kind: pending.kind, model: model, version: pending.version, refusal, outcome: outcome)
  }

  /// Switches, if the release is in memory.
  mutating func carryOut(_ pending: PendingSwitch, of model: String) {
    var ledger = ledger(model)
    if ledger.live?.version == pending.version {
      ledger.pendingSwitch = nil
      store(ledger)
      return end(
        command: pending.commandID, kind: pending.kind, model: model, version: pending.version, outcome: "live",
        message: "it was live already")
    }
    guard let record = ledger.release(pending.version), loaded.contains(record.identity) else { return }
    if let expected = pending.ifCurrent, !isCurrent(expected, ledger) {
      dropPendingSwitch(
        of: model,
        Refusal(
          .staleCurrent, "if_current is \(expected), but \(ledger.live?.version ?? "nothing") is live at the switch"),
        outcome: "failed")
      return settleProof(of: record.identity)
    }
    ledger.pendingSwitch = nil
    let (stack, position) = stack(after: pending, ledger)
    if pending.kind == .rollback { markRolledBack(except: stack, &ledger) }
    ledger.activations = stack
    activate(ledger, at: position)
  }

  /// What will be live when everything that was read is done, and the way back from it.
  ///
  /// Looks from the end of the stack, which may be as long as the history: mostly its last two entries tell.
  func decided(_ ledger: ModelLedger) -> (top: String?, wayBack: String?) {
    guard let pending = ledger.pendingSwitch else { return Self.lastTwo(of: ledger.activations) }
    let later = Self.lastTwo(
      of: ledger.activations.lazy.filter { Self.isLater($0, than: pending, ledger) && $0.version != pending.version })
    return later.wayBack == nil ? Self.lastTwo(of: stack(after: pending, ledger).activations) : later
  }

  /// The version of the last entry, and of the last one with another version.
  private static func lastTwo(
    of stack: some BidirectionalCollection<Activation>
  ) -> (top: String?, wayBack: String?) {
    guard let top = stack.last?.version else { return (nil, nil) }
    return (top, stack.last { $0.version != top }?.version)
  }

  /// Whether an entry waits for a release that was announced after a switch was asked for.
  private static func isLater(_ entry: Activation, than pending: PendingSwitch, _ ledger: ModelLedger) -> Bool {
    entry.isPlanned && (ledger.sequence(of: entry.version) ?? 0) > pending.sequence
  }

  /// The stack as a switch leaves it, with the switch's own activation, still planned, at `position`.
  private func stack(
    after pending: PendingSwitch, _ ledger: ModelLedger
  ) -> (activations: [Activation], position: Int) {
    var below = ledger.activations.filter { !Self.isLater($0, than: pending, ledger) }
    if pending.kind != .rollback {
      below.removeAll { $0.isPlanned && $0.version == pending.version }
    } else if let position = below.lastIndex(where: { $0.version == pending.version }) {
      below.removeSubrange(position...)
    } else {
      let target = ledger.sequence(of: pending.version) ?? 0
      below.removeAll { (ledger.sequence(of: $0.version) ?? 0) >= target }
    }
    let activation = Activation(
      version: pending.version, commandID: pending.commandID, kind: pending.kind, at: now, isFromBacklog: false)
    let later = ledger.activations.filter {
      Self.isLater($0, than: pending, ledger) && $0.version != pending.version
    }
    return (below + [activation] + later, below.count)
  }

  /// Releases that were live and are on the stack no more.
  private func markRolledBack(except stack: [Activation], _ ledger: inout ModelLedger) {
    let kept = Set(stack.map(\.version))
    for entry in ledger.activations where !entry.isPlanned && !kept.contains(entry.version) {
      if let position = ledger.position(of: entry.version) { ledger.releases[position].wasRolledBack = true }
    }
  }
}
