/// What we know of the configuration of topics.
package enum TopicConfig {
  /// Whether a `cleanup.policy` compacts.
  package static func isCompacted(_ policy: String) -> Bool { elements(policy).contains("compact") }

  /// Whether two values of a property mean the same; lists have no order.
  package static func isSame(_ name: String, _ left: String, _ right: String) -> Bool {
    if left == right { return true }
    return name == "cleanup.policy" && Set(elements(left)) == Set(elements(right))
  }

  private static func elements(_ list: String) -> [String] {
    list.split(separator: ",").map { String($0.filter { $0 != " " }) }
  }
}
