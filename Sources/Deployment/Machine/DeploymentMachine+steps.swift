import Domain

/// A release's way: announced → fetched → verified → probed → warm, step by step.
extension DeploymentMachine {
  /// A step that can end the process is recorded before it is begun. A release that has ended it so often is refused.
  mutating func begin(_ work: Work) {
    guard let record = record(of: work), isDue(work, record) else { return }
    guard record.attempts < Limits.attemptsPerStep else {
      let refusal = Refusal(
        .loadFailed,
        "\(record.identity): the worker ended \(record.attempts) times during this release's step \(work.kind.rawValue); "
          + "it is not tried again")
      return record.step == .live ? stop(record, refusal, nil) : refuse(record, refusal)
    }
    update(record.identity) {
      $0.attempts += 1
      $0.retryAt = nil
    }
  }

  /// A step that was begun has not ended, and is no failure.
  mutating func abandon(_ work: Work) {
    guard work.kind.isRecordedFirst, let record = record(of: work), isDue(work, record), record.attempts > 0 else {
      return
    }
    update(record.identity) { $0.attempts -= 1 }
  }

  mutating func finish(_ work: Work, _ milliseconds: [String: Double], _ report: GateReport?) {
    let identity = work.release.identity
    guard let record = record(of: work), record.step.isInProgress || record.step.isOnDisk else {
      // It was retired or superseded meanwhile.
      if work.kind == .load { draft.actions.append(.unload(identity)) }
      draft.actions.append(.removeFiles(work.release))
      return
    }
    guard isDue(work, record) else {
      if work.kind == .load, !loaded.contains(identity) { draft.actions.append(.unload(identity)) }
      // Announced anew meanwhile, with another archive.
      if work.kind == .fetch, record.archiveDigest != work.release.archiveDigest {
        draft.actions.append(.removeFiles(work.release))
      }
      return
    }
    let time = now
    troublesOfProved[identity] = nil
    update(identity) {
      ($0.attempts, $0.retryAt) = (0, nil)
      guard let report else { return }
      $0.report = report.completed(by: $0.report)
      $0.gatedAt = time
    }
    // Loaded again after a restart: that it is warm was recorded before, and no activation waited for it.
    let isRestored = work.kind == .load && record.step.isLoaded
    if !isRestored, work.kind != .gate { timings[identity, default: [:]].merge(milliseconds) { $1 } }
    switch work.kind {
    case .fetch: move(record, to: .fetched, .releaseFetched, milliseconds)
    case .verify: move(record, to: .verified, .releaseVerified, milliseconds)
    case .probe: move(record, to: .probed, .releaseProbed, milliseconds, report)
    case .load:
      markLoaded(identity)
      prove(identity)
      if isRestored { restore(record, milliseconds, report) } else { warm(record, milliseconds, report) }
    case .gate:
      prove(identity)
      emit(.gatePassed, record, outcome: "passed", timings: milliseconds, report: report)
    }
  }

  func record(of work: Work) -> ReleaseRecord? {
    guard let record = ledger(work.release.identity.model).release(work.release.identity.version),
      record.identity == work.release.identity
    else { return nil }
    return record
  }

  /// Whether a release's next step is this work. Not so if it was announced anew meanwhile: then it is proved anew.
  package func isDue(_ work: Work) -> Bool { record(of: work).map { isDue(work, $0) } ?? false }

  private func isDue(_ work: Work, _ record: ReleaseRecord) -> Bool {
    guard record.sequence == work.release.sequence else { return false }
    return switch work.kind {
    case .fetch: record.step == .announced
    case .verify: record.step == .fetched
    case .probe: record.step == .verified
    case .load: (record.step == .probed || record.step.isProved) && !loaded.contains(record.identity)
    case .gate: record.step.isLoaded && loaded.contains(record.identity)
    }
  }

  private mutating func move(
    _ record: ReleaseRecord, to step: ReleaseStep, _ type: EventType, _ timings: [String: Double],
    _ report: GateReport? = nil
  ) {
    update(record.identity) { $0.step = step }
    emit(type, record, timings: timings, report: report)
  }

  /// It has passed its test sets in this process, just now.
  private mutating func prove(_ identity: ReleaseIdentity) {
    unproved.remove(identity)
    gateDue[identity] = now + settings.gateIntervalMilliseconds
  }

  private mutating func restore(_ record: ReleaseRecord, _ milliseconds: [String: Double], _ report: GateReport?) {
    if record.step == .live, let report {
      emit(.gatePassed, record, outcome: "passed", timings: milliseconds, report: report)
    }
    draft.actions.append(.publishRouting)
  }

  private mutating func warm(_ record: ReleaseRecord, _ milliseconds: [String: Double], _ report: GateReport?) {
    let isFirst = record.step == .probed
    update(record.identity) { $0.step = .warm }
    if isFirst {
      emit(
        .releaseGated, record, outcome: report?.isUngated == true ? "ungated" : nil,
        timings: milliseconds.filter { $0.key == "gate" }, report: report)
    }
    emit(.releaseWarmed, record, timings: milliseconds.filter { $0.key == "load" || $0.key == "warm" })
    draft.actions.append(.publishRouting)
    // What a switch waits for is told of when it is live.
    let isAwaited = ledger(record.identity.model).pendingSwitch?.version == record.identity.version
    if isFirst, !isAwaited { settleProof(of: record.identity) }
  }

  // MARK: Failures

  mutating func fail(_ work: Work, _ refusal: Refusal, _ report: GateReport?) {
    guard let record = record(of: work), isDue(work, record) else { return }
    if refusal.mayRetry, postpone(record, work.kind, refusal) { return }
    troublesOfProved[record.identity] = nil
    if record.step == .live { return stop(record, refusal, report) }
    if work.kind == .gate { emit(.gateFailed, record, outcome: "failed", refusal, report: report) }
    refuse(record, refusal, report: report)
  }

  /// A step that may succeed later is tried again after a pause, each time a longer one.
  /// - Returns: false if it was tried often enough.
  private mutating func postpone(_ record: ReleaseRecord, _ kind: Work.Kind, _ refusal: Refusal) -> Bool {
    let isTrouble = kind == .gate || kind == .load && record.step.isProved
    let attempts =
      isTrouble ? troublesOfProved[record.identity, default: 0] + 1 : record.attempts + (kind.isRecordedFirst ? 0 : 1)
    let isOften =
      kind.isRecordedFirst && !isTrouble ? attempts >= Limits.attemptsPerStep : attempts >= Limits.fetchAttempts
    if isOften { return false }
    let pause = min(Limits.longestRetryMilliseconds, Limits.firstRetryMilliseconds << (attempts - 1))
    let time = now + pause
    if isTrouble { troublesOfProved[record.identity] = attempts }
    update(record.identity) {
      // The attempt was recorded before it was made, and has not ended the process.
      if !isTrouble { $0.attempts = attempts } else if kind.isRecordedFirst { $0.attempts = max(0, $0.attempts - 1) }
      $0.retryAt = time
    }
    emit(.releasePostponed, record) { event in
      event.reason = refusal.reason
      event.message = "\(refusal.message); attempt \(attempts), the next in \(pause / 1000) s"
    }
    return true
  }

  /// What is live has failed its gate: it serves no more, at once. What it replaced proves itself again, and the first
  /// that does takes its place.
  private mutating func stop(_ record: ReleaseRecord, _ refusal: Refusal, _ report: GateReport?) {
    emit(.gateFailed, record, outcome: "failed", refusal, report: report)
    var ledger = ledger(record.identity.model)
    ledger.stoppedVersion = record.identity.version
    store(ledger)
    unproved.formUnion(loaded.filter { $0.model == record.identity.model })
    refuse(record, refusal, report: report)
  }
}
