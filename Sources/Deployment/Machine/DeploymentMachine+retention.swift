import Domain

/// What stays in memory and on disk, and what is to be done next.
extension DeploymentMachine {
  /// Versions that are never dropped: live, the way back, and what is to go live.
  func protectedVersions(_ ledger: ModelLedger) -> Set<String> {
    // While the backlog is read, most of what is planned is history.
    let after = isReadingBacklog ? decided(ledger) : (top: ledger.top?.version, wayBack: ledger.wayBack)
    var versions = isReadingBacklog ? [] : Set(ledger.activations.filter(\.isPlanned).map(\.version))
    for version in [ledger.live?.version, after.top, after.wayBack, ledger.pendingSwitch?.version] {
      if let version { versions.insert(version) }
    }
    return versions
  }

  /// The backlog is read: of what it tells of, that which it ends in is proved and kept, and nothing else.
  mutating func endBacklog() {
    isReadingBacklog = false
    for model in draft.change.state.models.keys.sorted() { trimDisk(model, passingOverFrom: firstBacklogOffset) }
  }

  /// Drops from memory and disk what is more than `warm` and `retain` allow.
  mutating func trim(_ model: String) {
    guard !isReadingBacklog else { return }
    trimMemory(model)
    trimDisk(model)
    trimRecords(model)
    trimActivations(model)
  }

  private mutating func trimMemory(_ model: String) {
    let ledger = ledger(model)
    let rank = Dictionary(
      ledger.activations.enumerated().map { ($1.version, $0) }, uniquingKeysWith: { max($0, $1) })
    let protected = protectedVersions(ledger)
    let candidates = ledger.releases.filter { $0.step == .warm }.sorted { first, second in
      let (left, right) = (first.identity.version, second.identity.version)
      if protected.contains(left) != protected.contains(right) { return protected.contains(left) }
      if rank[left] != rank[right] { return (rank[left] ?? -1) > (rank[right] ?? -1) }
      return first.sequence > second.sequence
    }
    let room = max(0, settings.warm - (ledger.live == nil ? 0 : 1))
    for (position, record) in candidates.enumerated() where position >= room {
      let version = record.identity.version
      if protected.contains(version), version != ledger.wayBack || settings.warm > 1 { continue }
      update(record.identity) { $0.step = .stored }
      unload(record.identity)
      emit(.releaseStored, record)
    }
  }

  private mutating func trimDisk(_ model: String, passingOverFrom offset: Int64 = .max) {
    let ledger = ledger(model)
    let protected = protectedVersions(ledger)
    let kept = ledger.releases.filter { $0.step.isOnDisk || $0.step.isInProgress }.sorted { first, second in
      let (left, right) = (protected.contains(first.identity.version), protected.contains(second.identity.version))
      return left != right ? left : first.sequence > second.sequence
    }
    let history = Set(ledger.activations.lazy.filter(\.isFromBacklog).map(\.version))
    let excess: [ReleaseRecord] = kept.dropFirst(settings.retain).filter { record in
      if protected.contains(record.identity.version) { return false }
      // What is under way by a command of its own is proved first; what only the backlog tells of is passed over.
      return !record.step.isInProgress || record.sequence >= offset || history.contains(record.identity.version)
    }
    let message = "more than retain: \(settings.retain) releases of \(model)"
    forget(excess, of: model, message: message) { $0.step.isInProgress ? .superseded : .retired }
  }

  private mutating func trimRecords(_ model: String) {
    var ledger = ledger(model)
    let excess = ledger.releases.count - Limits.releasesRememberedPerModel
    guard excess > 0 else { return }
    var removed = 0
    ledger.releases.removeAll { record in
      guard removed < excess, !record.step.isOnDisk, !record.step.isInProgress else { return false }
      removed += 1
      return true
    }
    store(ledger)
  }

  /// Forgets the oldest history. What is planned stays: its release is still to be proved or passed over, and after a long
  /// backlog nearly all of the stack is.
  private mutating func trimActivations(_ model: String) {
    var ledger = ledger(model)
    guard ledger.activations.count > Limits.activationsPerModel else { return }
    var excess = ledger.activations.count { !$0.isPlanned } - Limits.activationsPerModel
    guard excess > 0 else { return }
    ledger.activations.removeAll { entry in
      guard excess > 0, !entry.isPlanned else { return false }
      excess -= 1
      return true
    }
    store(ledger)
  }

  // MARK: Work

  /// What is to be done, most wanted first: what live traffic waits for, then switches and what is live, then new releases with the
  /// newest first, then what only has to be warm or stored.
  package func pendingWork() -> [Work] {
    let restoring = restoreWork()
    guard restoring.isEmpty, !isReadingBacklog else { return restoring }
    var work: [Work] = []
    for model in state.models.keys.sorted() {
      guard let ledger = state.models[model] else { continue }
      if ledger.live == nil, let top = ledger.top {
        if let next = nextStep(top.version, ledger, .replacement) ?? proof(top.version, ledger) { work.append(next) }
      }
      if let pending = ledger.pendingSwitch, let next = nextStep(pending.version, ledger, .urgent) {
        work.append(next)
      }
      if let watch = watch(ledger) { work.append(watch) }
    }
    for intent in [ReleaseIntent.activate, .store, .hold] {
      for ledger in state.models.values.sorted(by: { $0.model < $1.model }) {
        for record in ledger.releases.reversed() where record.step.isInProgress && record.intent == intent {
          if let next = nextStep(record.identity.version, ledger, .background) { work.append(next) }
        }
      }
    }
    for ledger in state.models.values.sorted(by: { $0.model < $1.model }) where settings.warm > 1 {
      if let version = ledger.wayBack, let next = nextStep(version, ledger, .background) { work.append(next) }
    }
    return work
  }

  /// The next release that was in memory before a restart, live ones first. One by one and nothing beside: if the process
  /// ends meanwhile, there is no doubt about which release did it.
  private func restoreWork() -> [Work] {
    let records = state.models.values.sorted { $0.model < $1.model }.flatMap(\.releases)
    let missing = records.filter { $0.step.isLoaded && !loaded.contains($0.identity) && isTimely($0) }
    let next = missing.first { $0.step == .live } ?? missing.first
    return next.map { [Work(release: $0, kind: .load, hand: .replacement)] } ?? []
  }

  private func nextStep(_ version: String, _ ledger: ModelLedger, _ hand: Work.Hand) -> Work? {
    guard let record = ledger.release(version), !loaded.contains(record.identity), isTimely(record) else { return nil }
    switch record.step {
    case .announced: return Work(release: record, kind: .fetch, hand: hand)
    case .fetched: return Work(release: record, kind: .verify, hand: hand)
    case .verified: return Work(release: record, kind: .probe, hand: hand)
    case .probed, .stored, .held, .warm, .live: return Work(release: record, kind: .load, hand: hand)
    case .superseded, .refused, .retired: return nil
    }
  }

  /// Whether the pause after the last attempt is over.
  private func isTimely(_ record: ReleaseRecord) -> Bool {
    record.retryAt.map { isDue($0, everyMilliseconds: Limits.longestRetryMilliseconds) } ?? true
  }

  /// Whether a planned time has come. So it has if it is further away than anything is planned: the clock was set back.
  private func isDue(_ time: Int64, everyMilliseconds interval: Int64) -> Bool { time <= now || time > now + interval }

  /// What is to replace a release that failed its gate, and is in memory already, passes its own first.
  private func proof(_ version: String, _ ledger: ModelLedger) -> Work? {
    guard let record = ledger.release(version), unproved.contains(record.identity), isTimely(record) else { return nil }
    return Work(release: record, kind: .gate, hand: .replacement)
  }

  /// The test sets of what is live are run again from time to time.
  private func watch(_ ledger: ModelLedger) -> Work? {
    guard let version = ledger.live?.version, let record = ledger.release(version), let due = gateDue[record.identity],
      isDue(due, everyMilliseconds: settings.gateIntervalMilliseconds), isTimely(record),
      record.report?.endToEnd != nil || record.report?.confidence != nil
    else { return nil }
    return Work(release: record, kind: .gate, hand: .watch)
  }
}
