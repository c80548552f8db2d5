import Domain

/// Values with something in every field.
enum SampleState {
  static func release(
    _ version: String, model: String = "loan", step: ReleaseStep, sequence: Int64, reason: RefusalReason? = nil
  ) -> ReleaseRecord {
    let ready = ModelReady(
      identity: ReleaseIdentity(model: model, version: version, digest: "sha256:\(version)"),
      archiveDigest: "sha256:tar-\(version)", size: 1 << 40, uri: "kafka:releases/0/\(sequence)-\(sequence + 9)")
    var record = ReleaseRecord(
      ready, intent: .activate, commandID: "c-\(version)", sequence: sequence, at: 1000 + sequence)
    record.step = step
    record.reason = reason
    record.message = reason.map { "refused: \($0.rawValue), 'as' \"quoted\"" }
    return record
  }

  static func activation(
    _ version: String, generation: Int, from: String?, command: String?, kind: CommandKind
  ) -> Activation {
    var activation = Activation(
      version: version, commandID: command, kind: kind, at: 2000, isFromBacklog: generation == 1, ifCurrent: from)
    activation.generation = generation
    activation.fromVersion = from
    activation.isPlanned = generation == 0
    activation.isConfirmed = generation == 1
    return activation
  }

  /// Two models: every step, intent and kind of row.
  static var full: WorkerState {
    var loan = ModelLedger(model: "loan")
    loan.generation = 2
    let steps = ReleaseStep.allCases.enumerated()
    loan.releases += steps.map { number, step in
      var record = release(
        "v\(number)", step: step, sequence: Int64(number), reason: step == .refused ? .digestMismatch : nil)
      record.intent = [.activate, .store, .hold][number % 3]
      record.isSettled = number.isMultiple(of: 2)
      record.wasRolledBack = number.isMultiple(of: 3)
      record.attempts = number
      record.retryAt = number == 0 ? 9000 : nil
      record.gatedAt = step.isProved ? 3000 : nil
      record.report = step.isProved ? report : nil
      return record
    }
    loan.activations = [
      activation("v3", generation: 1, from: nil, command: "c1", kind: .modelReady),
      activation("v4", generation: 2, from: "v3", command: nil, kind: .rollback),
      activation("v0", generation: 0, from: "v4", command: "c3", kind: .traffic),
    ]
    loan.pendingSwitch = PendingSwitch(
      version: "v5", commandID: "c9", kind: .rollback, sequence: 12, ifCurrent: "v4")
    loan.hold = Hold(commandID: "c8", reason: "INC-1 · höld", since: 5)
    loan.stoppedVersion = "v2"
    loan.pause = Hold(commandID: "c7", reason: "", since: 6, until: 7)
    var risk = ModelLedger(model: "risk")
    risk.releases = [release("v1", model: "risk", step: .warm, sequence: 3)]
    var state = WorkerState()
    state.models = ["loan": loan, "risk": risk, "empty": ModelLedger(model: "empty")]
    state.controlOffset = 1 << 50
    state.consumePause = Hold(commandID: "c6", reason: "maintenance", since: 1, until: 2)
    return state
  }

  static var report: GateReport {
    var report = GateReport()
    report.endToEnd = GateReport.EndToEnd(
      rows: 24, failedRows: 1, failures: [.init(line: 3, output: "label", expected: #""é""#, found: #""'""#)])
    report.refusal = Refusal(.endToEndFailed, "1 of 24 rows")
    return report
  }

  static func event(_ id: String) -> Event {
    Event(id: id, type: .releaseLive, time: 10, worker: "w-0", group: "g")
  }

  /// An event with every field set.
  static var fullEvent: Event {
    var event = event("full")
    event.commandID = "c1"
    event.model = "loan"
    event.version = "2"
    event.fromVersion = "1"
    event.digest = "sha256:2"
    event.generation = 2
    event.outcome = "live"
    event.reason = .superseded
    event.message = "nothing to do, 'really'"
    event.cause = "gate"
    event.report = report
    event.timings = ["fetch": 12.5, "load": 0.1, "switch": 1e-7]
    event.firstOffsets = ["requests-0": 17, "my.requests-11": 1 << 60]
    return event
  }
}
