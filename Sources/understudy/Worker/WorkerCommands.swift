import Artifacts
import Domain
import Foundation
import Kafka
import Wire

/// Commands to the worker of this process, each followed until it was carried out.
///
/// One connection for all of them: what is measured around a command is the worker, not how long a client takes to
/// connect.
final class WorkerCommands: Sendable {
  private let target: ConnectionOptions.Target
  private let publisher: Publisher
  private let source: String
  private let fetchWaitMilliseconds: Int

  /// - Parameter source: who says to have sent them.
  init(_ target: ConnectionOptions.Target, source: String, fetchWaitMilliseconds: Int = 100) throws {
    self.target = target
    self.source = source
    self.fetchWaitMilliseconds = fetchWaitMilliseconds
    publisher = try Publisher(properties: target.properties, clientID: "\(source)-commands", logger: target.logger)
  }

  /// How a command is watched.
  struct Watch: Sendable {
    /// Told right before the command is published.
    var willSend: @Sendable () -> Void = {}
    /// Asked ten times a second.
    var isInterrupted: @Sendable () -> Bool = { false }
  }

  /// Follows the worker's events for commands to come.
  func follower() throws -> EventFollower { try EventFollower(target, fetchWaitMilliseconds: fetchWaitMilliseconds) }

  /// Puts a release's archive into the releases topic, unless the worker finds it at `uri`.
  func announcement(
    _ identity: ReleaseIdentity, _ archive: ReleaseSource.Archive, uri: String? = nil
  ) throws -> CommandEnvelope {
    envelope(
      .modelReady(
        try PublishCommand.ready(
          identity, archive, uri: uri, activate: .auto, target: target, isQuiet: true, by: publisher)))
  }

  /// A rollback.
  func rollback(of model: String, to version: String, reason: String) -> CommandEnvelope {
    envelope(.rollback(Rollback(model: model, to: version, reason: reason)))
  }

  private func envelope(_ command: Command) -> CommandEnvelope {
    CommandEnvelope(id: UUID().uuidString.lowercased(), source: source, command: command)
  }

  /// Publishes a command and waits until the worker has carried it out. Blocks.
  /// - Throws: the worker's reason, if it refuses.
  func send(_ envelope: CommandEnvelope, following follower: EventFollower, _ watch: Watch = Watch()) throws {
    let worker = WorkerStatus(
      group: target.group, slot: target.worker.slot, updatedAt: WallClock.milliseconds, build: Worker.build)
    var outcomes = CommandOutcomes(envelope, [worker], now: worker.updatedAt)
    let record = CommandCodec.encode(envelope, time: WallClock.milliseconds)
    watch.willSend()
    _ = try publisher.publish([.init(topic: target.topics.control, record: record)])
    let ending = try follower.follow(&outcomes, timeout: .seconds(60), isInterrupted: watch.isInterrupted)
    guard ending != .complete || outcomes.hasRefusals else { return }
    let text = OutcomeText(outcomes)
    let waiting = ending == .interrupted ? "interrupted while waiting for" : "not heard within a minute from"
    throw CommandFailure.failed(text.refusals ?? "\(waiting) \(text.waiting ?? "the worker")")
  }
}
