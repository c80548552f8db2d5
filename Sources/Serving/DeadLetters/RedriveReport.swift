import Domain

/// What a redrive has made of the letters that it has read.
package struct RedriveReport: Sendable, Equatable {
  /// Records of the dead-letter topic.
  package var read: Int64 = 0
  /// Of them those that are no letters of a worker.
  package var foreign: Int64 = 0
  /// Letters that the filter does not mean.
  package var different: Int64 = 0
  /// Letters that only `--reason stage_crashed` would mean.
  package var left: Int64 = 0
  /// Letters that went back, by what they say.
  package private(set) var redriven: [Group: Int64] = [:]
  /// Letters that are meant and did not go back.
  package private(set) var skipped: [SkipReason: Int64] = [:]
  /// Topics without the role of requests that letters name; some of them.
  package private(set) var foreignTopics: Set<String> = []

  /// Letters that are counted together.
  package struct Group: Sendable, Hashable {
    package var reason: String
    /// Empty if no release has seen the request.
    package var version: String
    package var topic: String

    /// A group.
    package init(reason: String, version: String, topic: String) {
      self.reason = reason
      self.version = version
      self.topic = topic
    }

    /// What is beyond `Limits.redriveGroups`.
    package static let others = Group(reason: "others", version: "", topic: "")
  }

  /// Why a letter that is meant does not go back.
  package enum SkipReason: String, Sendable, CaseIterable {
    /// Something of the request was too large for the dead-letter topic.
    case truncated
    /// It names a topic that has not the role of requests.
    case foreignTopic = "foreign_topic"
    /// Its topic is not on the brokers.
    case missingTopic = "missing_topic"
    /// Its topic does not take so large a record.
    case tooLarge = "too_large"
  }

  /// An empty report.
  package init() {}

  /// Letters that are meant.
  package var matched: Int64 { redrivenInAll + skippedInAll }
  /// Letters that went back.
  package var redrivenInAll: Int64 { redriven.values.reduce(0, +) }
  /// Letters that are meant and did not go back.
  package var skippedInAll: Int64 { skipped.values.reduce(0, +) }

  mutating func note(redriven letter: DeadLetter) {
    add(1, to: Group(reason: letter.reason, version: letter.modelVersion ?? "", topic: letter.topic))
  }

  mutating func note(_ reason: SkipReason, of letter: DeadLetter) {
    skipped[reason, default: 0] += 1
    if reason == .foreignTopic { name(letter.topic) }
  }

  /// Adds what was made of more letters.
  package mutating func add(_ other: RedriveReport) {
    read += other.read
    foreign += other.foreign
    different += other.different
    left += other.left
    for (group, count) in other.redriven { add(count, to: group) }
    skipped.merge(other.skipped, uniquingKeysWith: +)
    other.foreignTopics.forEach { name($0) }
  }

  private mutating func add(_ count: Int64, to group: Group) {
    let known = redriven.count - (redriven[.others] == nil ? 0 : 1)
    let isBeyond = redriven[group] == nil && known >= Limits.redriveGroups
    redriven[isBeyond ? .others : group, default: 0] += count
  }

  private mutating func name(_ topic: String) {
    if foreignTopics.count < Limits.redriveTopicsNamed { foreignTopics.insert(topic) }
  }
}
