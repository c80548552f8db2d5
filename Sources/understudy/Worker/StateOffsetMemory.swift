import Domain
import Logging

/// Remembers in the worker's state which partitions it has served for its group.
final class StateOffsetMemory: OffsetMemory, Sendable {
  private let repository: any StateRepository
  private let group: String
  private let logger: Logger

  init(repository: any StateRepository, group: String, logger: Logger) {
    self.repository = repository
    self.group = group
    self.logger = logger
  }

  func hasServed(topic: String, partition: Int32) -> Bool {
    // A state that cannot be read must not make requests be answered twice, or skipped: the lane stops and says why.
    do { return try repository.value(named: name(topic, partition)) == "yes" } catch { return true }
  }

  func hasServed(topic: String) -> Bool {
    // As above: from the oldest request on nothing is skipped.
    do { return try repository.value(named: name(topic)) == "yes" } catch { return true }
  }

  func markServed(topic: String, partition: Int32) {
    do {
      try repository.setValue("yes", named: name(topic, partition))
      try repository.setValue("yes", named: name(topic))
    } catch {
      // Requests are answered all the same. What is lost is the guard against a broker that forgets its offsets.
      logger.warning(
        "cannot remember that a partition was served: should the broker forget its offset, that will not be noticed",
        metadata: ["partition": "\(topic)-\(partition)", "error": "\(error)"])
    }
  }

  // Not the beginning of the other, since a topic may be named as another one's partition is here.
  private func name(_ topic: String) -> String { "served-topic/\(group)/\(topic)" }
  private func name(_ topic: String, _ partition: Int32) -> String { "served/\(group)/\(topic)-\(partition)" }
}
