/// The topics of one deployment, as `topics.yaml` lists them. Reading the file is not done here, but everything that
/// must hold is checked.
package struct TopicsFile: Sendable, Equatable {
  /// The version of the format that we read.
  package static let supportedVersion = 1

  package var version: Int
  /// What holds for every topic that does not say otherwise.
  package var defaults: Defaults
  /// In the order of the file.
  package var topics: [Entry]

  /// What holds for every topic that does not say otherwise.
  package struct Defaults: Sendable, Equatable {
    package var partitions: Int?
    package var replicas: Int?
    package var config: [String: String]

    /// Defaults; nil means the broker's.
    package init(partitions: Int? = nil, replicas: Int? = nil, config: [String: String] = [:]) {
      self.partitions = partitions
      self.replicas = replicas
      self.config = config
    }
  }

  /// One topic.
  package struct Entry: Sendable, Equatable {
    package var role: TopicRole
    package var name: String
    /// Of a requests topic: the model of requests that name none.
    package var model: String?
    package var partitions: Int?
    package var replicas: Int?
    package var config: [String: String]

    /// A topic; what is nil comes from the defaults.
    package init(
      role: TopicRole, name: String, model: String? = nil, partitions: Int? = nil, replicas: Int? = nil,
      config: [String: String] = [:]
    ) {
      self.role = role
      self.name = name
      self.model = model
      self.partitions = partitions
      self.replicas = replicas
      self.config = config
    }
  }

  /// A file; `check` tells whether it may be used.
  package init(version: Int = supportedVersion, defaults: Defaults = Defaults(), topics: [Entry]) {
    self.version = version
    self.defaults = defaults
    self.topics = topics
  }

  /// The topics of a role, in the order of the file.
  package func entries(_ role: TopicRole) -> [Entry] { topics.filter { $0.role == role } }

  /// The name of the topic of a role that has one only; nil in a file that was not checked.
  package func name(_ role: TopicRole) -> String? { entries(role).first?.name }

  /// Every topic with its defaults filled in.
  package var desired: [DesiredTopic] {
    topics.map { entry in
      DesiredTopic(
        role: entry.role, name: entry.name,
        partitions: entry.partitions ?? entry.role.defaultPartitions ?? defaults.partitions,
        replicas: entry.replicas ?? defaults.replicas,
        config: defaults.config.merging(entry.role.defaultConfig) { $1 }.merging(entry.config) { $1 })
    }
  }
}

/// A topic as it should be.
package struct DesiredTopic: Sendable, Equatable {
  package var role: TopicRole
  package var name: String
  /// Nil means the broker's default.
  package var partitions: Int?
  /// Nil means the broker's default.
  package var replicas: Int?
  package var config: [String: String]

  /// A topic.
  package init(role: TopicRole, name: String, partitions: Int?, replicas: Int?, config: [String: String]) {
    self.role = role
    self.name = name
    self.partitions = partitions
    self.replicas = replicas
    self.config = config
  }
}
