import Domain
import Kafka
import Wire

/// Sends one command and, if asked to, waits for what the workers make of it.
struct CommandSender {
  let target: ConnectionOptions.Target
  let json: Bool

  /// Sends and waits.
  /// - Throws: `CommandFailure.failed` if any worker refused, or if the time was over.
  func send(_ envelope: CommandEnvelope, wait: DurationArgument?) async throws {
    let interruption = Interruption()
    try await interruption.watch {
      try await onThread("send") { try run(envelope, wait, interruption) }
    }
  }

  private func run(_ envelope: CommandEnvelope, _ wait: DurationArgument?, _ interruption: Interruption) throws {
    // What no worker would take.
    do throws(Refusal) { _ = try CommandCodec.decode(CommandCodec.encode(envelope)) } catch {
      throw CommandFailure.usage("\(error.message); no command was sent")
    }
    guard let wait else { return try publish(envelope) }
    // Whom to wait for and from where on to listen is found out before the command can have an effect.
    var outcomes = try outcomes(of: envelope)
    let follower = try EventFollower(target)
    defer { follower.close() }
    interruption.arm()
    try publish(envelope)
    for line in OutcomeText(outcomes).absent { Terminal.complain(line) }
    Terminal.progress(OutcomeText(outcomes).progress)
    let ending = try follower.follow(
      &outcomes, timeout: wait.duration, isInterrupted: { interruption.isRaised }
    ) { record, lines, outcomes in
      Terminal.endProgress()
      Terminal.show(json ? String(decoding: record.value ?? [], as: UTF8.self) : lines.joined(separator: "\n"))
      if !outcomes.isComplete { Terminal.progress(OutcomeText(outcomes).progress) }
    }
    Terminal.endProgress()
    try conclude(outcomes, ending)
  }

  private func publish(_ envelope: CommandEnvelope) throws {
    let publisher = try Publisher(properties: target.properties, clientID: "understudy-cli", logger: target.logger)
    let offsets = try publisher.publish([
      .init(topic: target.topics.control, record: CommandCodec.encode(envelope, time: WallClock.milliseconds))
    ])
    let (kind, offset) = (envelope.command.kind.rawValue, offsets.first ?? -1)
    guard json else {
      let what = envelope.isDryRun ? "\(kind) (dry run)" : kind
      return Terminal.show("sent \(what) as command \(envelope.id) (control offset \(offset))")
    }
    Terminal.show(
      JSON.object([
        .init("command_id", .text(envelope.id)), .init("kind", .text(kind)), .init("control_offset", .integer(offset)),
      ]).line)
  }

  private func outcomes(of envelope: CommandEnvelope) throws -> CommandOutcomes {
    let outcomes = CommandOutcomes(envelope, try StatusReader.read(target), now: WallClock.milliseconds)
    guard outcomes.isComplete else { return outcomes }
    for line in OutcomeText(outcomes).absent { Terminal.complain(line) }
    throw CommandFailure.failed(
      "no worker that is meant, and serves the model, has told its status in the last \(Limits.staleStatusMilliseconds / 1000) s, "
        + "so there is nobody to wait for; no command was sent")
  }

  /// Tells the end of the wait.
  /// - Throws: `CommandFailure.failed` unless every worker that was waited for has applied the command.
  private func conclude(_ outcomes: CommandOutcomes, _ ending: EventFollower.Ending) throws {
    let text = OutcomeText(outcomes)
    let word =
      switch ending {
      case .complete: outcomes.hasRefusals ? "refused" : "applied"
      case .timedOut: "timed_out"
      case .interrupted: "interrupted"
      }
    if json {
      Terminal.show(OutcomeDocument.json(outcomes, outcome: word).line)
    } else if let summary = text.summary {
      Terminal.show(summary)
    }
    let waiting = text.waiting.map { workers in
      let how = ending == .interrupted ? "interrupted while waiting for" : "not heard in time from"
      return "\(how) \(workers); the command stays valid: see `understudy status`"
    }
    let failures = [text.refusals, waiting].compactMap(\.self)
    if !failures.isEmpty { throw CommandFailure.failed(failures.joined(separator: "\n")) }
  }
}
