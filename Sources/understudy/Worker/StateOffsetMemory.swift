import Domain

/// Remembers in the worker's state which partitions it has served for its group.
final class StateOffsetMemory: OffsetMemory, Sendable {
  private let repository: any StateRepository
  private let group: String

  init(repository: any StateRepository, group: String) {
    self.repository = repository
    self.group = group
  }

  func hasServed(topic: String, partition: Int32) -> Bool {
    // A state that cannot be read must not make requests be answered twice, or skipped: the lane stops and says why.
    do { return try repository.value(named: name(topic, partition)) == "yes" } catch { return true }
  }

  func markServed(topic: String, partition: Int32) {
    try? repository.setValue("yes", named: name(topic, partition))
  }

  private func name(_ topic: String, _ partition: Int32) -> String { "served/\(group)/\(topic)-\(partition)" }
}
