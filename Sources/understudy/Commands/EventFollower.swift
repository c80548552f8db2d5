import Domain
import Kafka
import Wire

/// Follows what workers make of one command, from before it was sent.
final class EventFollower {
  private let reader: TopicReader

  /// - Parameter fetchWaitMilliseconds: how long the broker may wait for an event before it says that there is none.
  init(_ target: ConnectionOptions.Target, fetchWaitMilliseconds: Int = 100) throws {
    let probe = try TopicReader(
      properties: target.properties, group: target.group, topic: target.topics.events, start: .end,
      logger: target.logger)
    let end = try probe.watermarks().high
    probe.close()
    reader = try TopicReader(
      properties: target.properties, group: target.group, topic: target.topics.events, start: .offset(end),
      fetchWaitMilliseconds: fetchWaitMilliseconds, logger: target.logger)
  }

  /// Ends following.
  func close() { reader.close() }

  /// How a wait ends.
  enum Ending {
    /// Every worker has ended the command.
    case complete
    case timedOut
    /// By whoever waits.
    case interrupted
  }

  /// Takes in events until every worker has ended the command. Another command, sent later, may be followed behind it.
  /// - Parameters:
  ///   - isInterrupted: asked ten times a second.
  ///   - show: told of each event that is new, with the record that it came in and the lines that tell of it.
  func follow(
    _ outcomes: inout CommandOutcomes, timeout: Duration, isInterrupted: () -> Bool = { false },
    show: (TopicRecord, [String], CommandOutcomes) -> Void = { _, _, _ in }
  ) throws -> Ending {
    let deadline = ContinuousClock.now + timeout
    while !outcomes.isComplete {
      if isInterrupted() { return .interrupted }
      guard ContinuousClock.now < deadline else { return .timedOut }
      guard case .record(let record) = try reader.next(timeoutMilliseconds: 100),
        // An event of a newer worker that this build cannot read is passed over.
        let event = try? EventCodec.decode(record), let lines = outcomes.take(event)
      else { continue }
      show(record, lines, outcomes)
    }
    return .complete
  }
}
