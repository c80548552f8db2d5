import Domain

/// Which dead letters go back; every part that is given must fit.
package struct RedriveFilter: Sendable, Equatable {
  /// Why they failed; empty means for any reason but `stage_crashed`.
  package var reasons: Set<ResponseReason> = []
  /// The version that failed on them.
  package var modelVersion: String?
  /// When they failed at the earliest, in milliseconds since 1970.
  package var from: Int64?
  /// When they failed, in front of this.
  package var to: Int64?
  /// Where they came from.
  package var topic: String?

  /// What a filter says of a letter.
  package enum Verdict: Sendable, Equatable {
    case matches
    case differs
    /// It would match, but its request has killed a worker, and nobody has named that reason.
    case isLeft
  }

  /// A filter that everything matches.
  package init() {}

  /// Whether a letter goes back.
  package func judge(_ letter: DeadLetter) -> Verdict {
    guard modelVersion.map({ $0 == letter.modelVersion }) ?? true, topic.map({ $0 == letter.topic }) ?? true,
      from.map({ letter.failedAt >= $0 }) ?? true, to.map({ letter.failedAt < $0 }) ?? true
    else { return .differs }
    if reasons.isEmpty { return letter.reason == ResponseReason.stageCrashed.rawValue ? .isLeft : .matches }
    return reasons.contains { $0.rawValue == letter.reason } ? .matches : .differs
  }

  /// The filter in one way of writing, whatever the order in which it was given.
  package var canonical: String {
    var parts = reasons.map { "reason=\($0.rawValue)" }.sorted()
    if let modelVersion { parts.append("model-version=\(modelVersion)") }
    if let from { parts.append("from=\(from)") }
    if let to { parts.append("to=\(to)") }
    if let topic { parts.append("topic=\(topic)") }
    return parts.joined(separator: "\n")
  }
}
