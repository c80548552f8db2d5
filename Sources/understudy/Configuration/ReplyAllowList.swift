import Foundation
import Synchronization

/// Which reply topics a requester may choose: those that one of the patterns matches as a whole, but never a topic with
/// a role of its own.
final class ReplyAllowList: Sendable {
  private let patterns: [NSRegularExpression]
  private let denied: Set<String>
  private let decisions = Mutex<[String: Bool]>([:])

  /// Topics whose decision is remembered.
  private static let remembered = 1024

  /// A list; throws if a pattern is no regular expression.
  init(patterns: [String], denied: Set<String>) throws {
    self.patterns = try patterns.map { try NSRegularExpression(pattern: "^(?:\($0))$") }
    self.denied = denied
  }

  func allows(_ topic: String) -> Bool {
    if let known = decisions.withLock({ $0[topic] }) { return known }
    let range = NSRange(topic.startIndex..., in: topic)
    let allowed = !denied.contains(topic) && patterns.contains { $0.firstMatch(in: topic, range: range) != nil }
    decisions.withLock {
      if $0.count >= Self.remembered { $0.removeAll() }
      $0[topic] = allowed
    }
    return allowed
  }
}
