import Domain
import Foundation
import Yams

/// Reads `topics.yaml`.
enum TopicsFileLoader {
  /// The topics of a deployment without a file: the names of the documentation.
  static let builtIn = TopicsFile(
    defaults: .init(partitions: 6, config: ["compression.type": "producer"]),
    topics: [
      .init(role: .requests, name: "understudy.requests"), .init(role: .responses, name: "understudy.responses"),
      .init(role: .deadLetters, name: "understudy.dead-letters"), .init(role: .control, name: "understudy.control"),
      .init(role: .events, name: "understudy.events"), .init(role: .status, name: "understudy.status"),
      .init(role: .releases, name: "understudy.releases"),
    ])

  /// The topics of a file, checked; the built-in ones without a path.
  static func load(path: String?) throws(CommandFailure) -> TopicsFile {
    guard let path else { return builtIn }
    guard let root = try YAMLFile.root(of: path) else { throw .usage("\(path): is empty; expected version and topics") }
    let map = try mapping(root, path, "the file")
    try checkKeys(map, ["version", "defaults", "topics"], path, "")
    var file = TopicsFile(version: try number(map["version"], path, "version") ?? 1, topics: [])
    if let defaults = map["defaults"] {
      let map = try mapping(defaults, path, "defaults")
      try checkKeys(map, ["partitions", "replicas", "config"], path, "defaults.")
      file.defaults = .init(
        partitions: try number(map["partitions"], path, "defaults.partitions"),
        replicas: try number(map["replicas"], path, "defaults.replicas"),
        config: try config(map["config"], path, "defaults.config"))
    }
    guard let nodes = map["topics"]?.sequence else { throw .usage("\(path): topics: expected a list") }
    for (index, node) in nodes.enumerated() { file.topics.append(try entry(node, path, "topics[\(index)]")) }
    if let problem = file.problems.first {
      let place = problem.topic.map { YAMLFile.place(path, nodes[$0]) } ?? path
      throw .usage("\(place): \(problem)")
    }
    return file
  }

  private static func entry(_ node: Node, _ path: String, _ key: String) throws(CommandFailure) -> TopicsFile.Entry {
    let map = try mapping(node, path, key)
    try checkKeys(map, ["role", "name", "model", "partitions", "replicas", "config"], path, "\(key).")
    let roles = TopicRole.allCases.map(\.rawValue).joined(separator: ", ")
    guard let role = map["role"]?.string.flatMap(TopicRole.init(rawValue:)) else {
      throw .usage(
        "\(YAMLFile.place(path, node)): \(key).role: expected one of \(roles), got \(map["role"]?.string ?? "nothing")")
    }
    guard let name = try text(map["name"], path, "\(key).name") else {
      throw .usage("\(YAMLFile.place(path, node)): \(key).name: missing")
    }
    return TopicsFile.Entry(
      role: role, name: name, model: try text(map["model"], path, "\(key).model"),
      partitions: try number(map["partitions"], path, "\(key).partitions"),
      replicas: try number(map["replicas"], path, "\(key).replicas"),
      config: try config(map["config"], path, "\(key).config"))
  }

  private static func mapping(_ node: Node, _ path: String, _ key: String) throws(CommandFailure) -> Node.Mapping {
    guard let mapping = node.mapping else {
      throw .usage("\(YAMLFile.place(path, node)): \(key): expected keys and values")
    }
    return mapping
  }

  private static func checkKeys(
    _ mapping: Node.Mapping, _ known: [String], _ path: String, _ prefix: String
  ) throws(CommandFailure) {
    for (key, _) in mapping {
      guard let name = key.string, known.contains(name) else {
        throw .usage(
          "\(YAMLFile.place(path, key)): \(prefix)\(key.string ?? "?"): unknown key; known are \(known.joined(separator: ", "))"
        )
      }
    }
  }

  private static func text(_ node: Node?, _ path: String, _ key: String) throws(CommandFailure) -> String? {
    guard let node else { return nil }
    guard let text = YAMLFile.value(node) else {
      throw .usage("\(YAMLFile.place(path, node)): \(key): expected a plain value")
    }
    return text
  }

  private static func number(_ node: Node?, _ path: String, _ key: String) throws(CommandFailure) -> Int? {
    guard let node else { return nil }
    guard let number = node.int else {
      throw .usage(
        "\(YAMLFile.place(path, node)): \(key): expected a whole number, got \(node.string ?? "something else")")
    }
    return number
  }

  private static func config(_ node: Node?, _ path: String, _ key: String) throws(CommandFailure) -> [String: String] {
    guard let node else { return [:] }
    var config: [String: String] = [:]
    for (nameNode, valueNode) in try mapping(node, path, key) {
      let name = try YAMLFile.key(nameNode, path, in: key)
      if let list = valueNode.sequence {
        config[name] = try YAMLFile.items(list, path, "\(key).\(name)").joined(separator: ",")
      } else if let text = YAMLFile.value(valueNode) {
        config[name] = text
      } else {
        throw .usage("\(YAMLFile.place(path, valueNode)): \(key).\(name): expected a value")
      }
    }
    return config
  }
}
