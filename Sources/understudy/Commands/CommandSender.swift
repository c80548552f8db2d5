import Domain
import Foundation
import Kafka
import Wire

/// Sends one command and, if asked to, waits for what the workers make of it.
struct CommandSender {
  let target: ConnectionOptions.Target
  let json: Bool

  /// Workers whose status is older are not waited for.
  private static let freshMilliseconds: Int64 = 30_000

  /// Sends and waits.
  /// - Throws: `CommandFailure.failed` if any worker refused, or if the time was over.
  func send(_ envelope: CommandEnvelope, wait: DurationArgument?) async throws {
    let (target, json) = (target, json)
    try await onThread("send") {
      // Whom to wait for and from where on to listen is found out before the command can have an effect.
      let workers = try wait.map { _ in try Self.freshWorkers(target, envelope) }
      let follower = try wait.map { _ in try EventFollower(target) }
      let publisher = try Publisher(properties: target.properties, clientID: "understudy-cli", logger: target.logger)
      let offsets = try publisher.publish([
        .init(topic: target.topics.control, record: CommandCodec.encode(envelope, time: WallClock.milliseconds))
      ])
      Self.announce(envelope, offset: offsets.first ?? -1, json: json)
      if let follower, let workers, let wait {
        try follower.wait(for: envelope.id, workers: workers, timeout: wait.duration, output: json ? .json : .lines)
      }
    }
  }

  private static func announce(_ envelope: CommandEnvelope, offset: Int64, json: Bool) {
    if json {
      Terminal.show(
        JSON.object([
          .init("command_id", .text(envelope.id)), .init("kind", .text(envelope.command.kind.rawValue)),
          .init("control_offset", .integer(offset)),
        ]).line)
    } else {
      Terminal.show("sent \(envelope.command.kind.rawValue) as command \(envelope.id) (control offset \(offset))")
    }
  }

  private static func freshWorkers(
    _ target: ConnectionOptions.Target, _ envelope: CommandEnvelope
  ) throws -> [WorkerStatus] {
    let statuses = try StatusReader.read(target)
    let now = WallClock.milliseconds
    let meant = statuses.filter { envelope.targets(group: $0.group, worker: $0.slot) }
    let fresh = meant.filter { now - $0.updatedAt < freshMilliseconds }
    for absent in meant where now - absent.updatedAt >= freshMilliseconds {
      Terminal.complain(
        "\(absent.group)/\(absent.slot) is not waited for: last heard of at \(Timestamp.text(absent.updatedAt))")
    }
    if fresh.isEmpty {
      throw CommandFailure.failed(
        "no worker has told its status in the last 30 s, so there is nobody to wait for; nothing was sent")
    }
    return fresh
  }
}
