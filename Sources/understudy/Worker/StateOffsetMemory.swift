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
    // An unreadable state stops the control path; here it must not make requests be answered twice.
    guard let value = try? repository.value(named: name(topic, partition)) else { return false }
    return value == "yes"
  }

  func markServed(topic: String, partition: Int32) {
    try? repository.setValue("yes", named: name(topic, partition))
  }

  private func name(_ topic: String, _ partition: Int32) -> String { "served/\(group)/\(topic)-\(partition)" }
}
