/// Kafka's rule for names of topics.
package enum TopicName {
  /// Characters of a name (Kafka: `org.apache.kafka.common.internals.Topic`).
  package static let maximumCharacters = 249

  /// What keeps a text from being the name of a topic; nil if nothing does.
  package static func problem(_ name: String) -> String? {
    let isValid =
      (1...maximumCharacters).contains(name.utf8.count) && name != "." && name != ".."
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
    return isValid ? nil : "expected 1 to \(maximumCharacters) letters, digits, dots, underscores and hyphens"
  }

  /// The name as Kafka compares it: names that differ in dots and underscores only collide in its metrics, so it
  /// refuses the second.
  package static func collisionKey(_ name: String) -> String {
    String(decoding: name.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
  }
}
