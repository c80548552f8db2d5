/// A topic as the cluster has it.
package struct ActualTopic: Sendable, Equatable {
  package var partitions: Int
  /// Of the first partition; 0 if the cluster did not say.
  package var replicas: Int
  /// All of the configuration that applies, whatever its source.
  package var config: [String: Setting]

  /// A value and whether it was set for this very topic.
  package struct Setting: Sendable, Equatable {
    /// Nil for what brokers do not show.
    package var value: String?
    /// Set for the topic: an alteration that does not name it would reset it.
    package var isOwn: Bool

    /// A setting.
    package init(_ value: String?, isOwn: Bool = false) {
      self.value = value
      self.isOwn = isOwn
    }
  }

  /// A topic.
  package init(partitions: Int, replicas: Int, config: [String: Setting] = [:]) {
    self.partitions = partitions
    self.replicas = replicas
    self.config = config
  }
}
