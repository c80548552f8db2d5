import Domain
import Kafka
import Wire

/// Reads the status of every worker from the status topic: the last one of each key counts, a tombstone takes it back.
enum StatusReader {
  static func read(_ target: ConnectionOptions.Target) throws -> [WorkerStatus] {
    let reader = try TopicReader(
      properties: target.properties, group: target.group, topic: target.topics.status, start: .beginning,
      logger: target.logger)
    defer { reader.close() }
    var statuses: [[UInt8]: WorkerStatus] = [:]
    try reader.readToEnd { record in
      guard let key = record.key else { return }
      // A status that this build cannot read is of a newer worker: it still counts as a worker that is there.
      if let status = try? StatusCodec.decode(record) {
        statuses[key] = status
      } else if record.value == nil {
        statuses[key] = nil
      }
    }
    return statuses.values.sorted { ($0.group, $0.slot) < ($1.group, $1.slot) }
  }
}
