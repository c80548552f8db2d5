import Domain
import Kafka
import Wire

@testable import understudy

/// Reads statuses and nothing else: where more events come than the embedded broker keeps.
final class StatusFollower {
  private let reader: TopicReader
  /// The newest by slot.
  private(set) var statuses: [String: WorkerStatus] = [:]

  init(_ scene: Scene) throws {
    reader = try TopicReader(
      properties: scene.broker.properties, group: "\(scene.broker.name)-status", topic: scene.broker.topics.status,
      start: .beginning, fetchWaitMilliseconds: 10, logger: TestBroker.logger)
  }

  deinit { reader.close() }

  /// Takes what has come.
  func read() throws {
    while case .record(let record) = try reader.next(timeoutMilliseconds: 2) {
      guard let found: WorkerStatus = (try? StatusCodec.decode(record)) ?? nil else { continue }
      statuses[found.slot] = found
    }
  }
}
