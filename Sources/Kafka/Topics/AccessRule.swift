/// One right that a user needs.
package struct AccessRule: Sendable, Equatable, CustomStringConvertible {
  /// Who needs it.
  package enum User: String, Sendable, CaseIterable {
    /// Serves: reads requests, commands and releases, answers.
    case worker
    /// Asks and reads answers.
    case requester
    /// Publishes releases and commands.
    case publisher
    /// Sends commands, reads what happened, redrives dead letters, applies topics.
    case `operator`
  }

  /// Kafka's kinds of resources, as far as they are needed.
  package enum Resource: String, Sendable {
    case topic
    case group
    case transactionalID = "transactional-id"
  }

  /// Whether the name is all of it or its beginning.
  package enum Pattern: String, Sendable {
    case literal
    case prefixed
  }

  package var user: User
  package var resource: Resource
  package var name: String
  package var pattern: Pattern
  /// Kafka's names of operations.
  package var operations: [String]

  /// A right.
  package init(
    _ user: User, _ resource: Resource, _ name: String, _ pattern: Pattern = .literal, _ operations: [String]
  ) {
    self.user = user
    self.resource = resource
    self.name = name
    self.pattern = pattern
    self.operations = operations
  }

  package var description: String {
    "\(user.rawValue): \(operations.joined(separator: ", ")) on \(resource.rawValue) \(name)\(pattern == .prefixed ? "*" : "")"
  }

  /// The line that gives the right with Kafka's own tool.
  /// - Parameter principal: e.g. `User:worker`.
  package func command(principal: String, bootstrapServers: String) -> String {
    var words = ["kafka-acls.sh", "--bootstrap-server", Self.quoted(bootstrapServers), "--add"]
    words += ["--allow-principal", Self.quoted(principal)]
    words += operations.flatMap { ["--operation", $0] }
    words += ["--\(resource.rawValue)", Self.quoted(name)]
    if pattern == .prefixed { words += ["--resource-pattern-type", pattern.rawValue] }
    return words.joined(separator: " ")
  }

  /// A word for a shell: quoted unless it is plain.
  private static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
          UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "/"), UInt8(ascii: "="):
          true
        default: false
        }
      }
    if isPlain { return word }
    return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
