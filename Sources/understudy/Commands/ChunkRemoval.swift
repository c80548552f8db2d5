import Domain
import Kafka
import Wire

/// Takes the chunks of a retired release out of the releases topic, by tombstones for their keys.
enum ChunkRemoval {
  /// - Returns: how many chunks were taken out.
  static func run(model: String, version: String, target: ConnectionOptions.Target) throws -> Int {
    guard let archive = try archiveDigest(model: model, version: version, target) else { return 0 }
    let prefix = Array("\(archive.dropFirst("sha256:".count)):".utf8)
    var keys: [[UInt8]: Bool] = [:]
    let reader = try TopicReader(
      properties: target.properties, group: target.group, topic: target.topics.releases, start: .beginning,
      logger: target.logger)
    defer { reader.close() }
    try reader.readToEnd { record in
      if let key = record.key, key.starts(with: prefix) { keys[key] = record.value != nil }
    }
    let present = keys.filter(\.value).keys.sorted { $0.lexicographicallyPrecedes($1) }
    guard !present.isEmpty else { return 0 }
    let publisher = try Publisher(properties: target.properties, clientID: "understudy-cli", logger: target.logger)
    _ = try publisher.publish(present.map { .init(topic: target.topics.releases, record: TopicRecord(key: $0)) })
    return present.count
  }

  /// The digest of the archive that a version was announced with. An archive that another version was announced with
  /// too is left alone.
  private static func archiveDigest(model: String, version: String, _ target: ConnectionOptions.Target) throws
    -> String?
  {
    var announced: [String: Set<String>] = [:]
    let reader = try TopicReader(
      properties: target.properties, group: target.group, topic: target.topics.control, start: .beginning,
      logger: target.logger)
    defer { reader.close() }
    try reader.readToEnd { record in
      guard let envelope = try? CommandCodec.decode(record), case .modelReady(let ready) = envelope.command else {
        return
      }
      announced[ready.archiveDigest, default: []].insert(ready.identity.description)
    }
    let name = "\(model) \(version)"
    return announced.first { $0.value == [name] }?.key
  }
}
