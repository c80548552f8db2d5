import Domain
import Foundation
import Kafka
import Yams

/// Reads the configuration: the file, then the environment, then `--set`; the last one wins.
struct ConfigurationLoader {
  private(set) var configuration = WorkerConfiguration()

  /// Environment variables of ours that are not configuration.
  private static let otherVariables: Set<String> = [
    "UNDERSTUDY_FAIL_POINT", "UNDERSTUDY_FUZZ_SECONDS", "UNDERSTUDY_FUZZ_SEED", "UNDERSTUDY_RECORD_GOLDENS",
    "UNDERSTUDY_STRICT", "UNDERSTUDY_UNPROVED",
  ]

  /// The configuration of a worker.
  /// - Parameter path: `worker.yaml`; nil for defaults.
  /// - Parameter settings: `key=value` each.
  static func load(
    path: String?, settings: [String], environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(CommandFailure) -> WorkerConfiguration {
    var loader = ConfigurationLoader()
    if let path { try loader.read(file: path) }
    try loader.read(environment: environment)
    try loader.read(settings: settings)
    try loader.check()
    return loader.configuration
  }

  // MARK: Sources

  private mutating func read(file path: String) throws(CommandFailure) {
    let root = try YAMLFile.root(of: path)
    guard let root else { return }
    try read(root, prefix: "", path: path)
    // Paths in a file are meant from where the file is.
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    configuration.topics = configuration.topics.map { Self.path($0, from: folder) }
    configuration.state = Self.path(configuration.state, from: folder)
  }

  private static func path(_ path: String, from folder: URL) -> String {
    if path.hasPrefix("/") { return path }
    return folder.appendingPathComponent(path.hasPrefix("./") ? String(path.dropFirst(2)) : path).path
  }

  private mutating func read(_ node: Node, prefix: String, path: String) throws(CommandFailure) {
    guard case .mapping(let mapping) = node else {
      throw Self.problem(path, node, prefix, "keys and values")
    }
    for (keyNode, valueNode) in mapping {
      let key = (prefix.isEmpty ? "" : prefix + ".") + (try YAMLFile.key(keyNode, path, in: prefix))
      let place = YAMLFile.place(path, keyNode)
      switch valueNode {
      case .mapping where key != "kafka" && !Self.isSection(key):
        throw .usage("\(place): \(key): \(Self.unknown(key))")
      case .mapping: try read(valueNode, prefix: key, path: path)
      case .sequence(let sequence): try set(key, .list(YAMLFile.items(sequence, path, key)), place)
      case .scalar:
        guard let text = YAMLFile.value(valueNode) else {
          throw .usage("\(place): \(key): has no value; expected \(Self.expectation(of: key))")
        }
        try set(key, .text(text), place)
      default: throw Self.problem(path, valueNode, key, "a plain value")
      }
    }
  }

  private mutating func read(environment: [String: String]) throws(CommandFailure) {
    for (variable, value) in environment.sorted(by: { $0.key < $1.key })
    where variable.hasPrefix("UNDERSTUDY_") && !Self.otherVariables.contains(variable) {
      let rest = variable.dropFirst("UNDERSTUDY_".count).lowercased()
      if rest.hasPrefix("kafka_") {
        let property = rest.dropFirst("kafka_".count).replacing("_", with: ".")
        try set("kafka.\(property)", .text(value), "environment \(variable)")
        continue
      }
      guard let key = ConfigurationKey.all.first(where: { $0.name.replacing(".", with: "_") == rest }) else {
        throw .usage("environment \(variable): is no key of the configuration; \(Self.known)")
      }
      try set(key.name, Self.value(value), "environment \(variable)")
    }
  }

  private mutating func read(settings: [String]) throws(CommandFailure) {
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw .usage("--set \(setting): expected key=value") }
      // A property of librdkafka is one text, whatever is in it: a password may have commas.
      let value = parts[0].hasPrefix("kafka.") ? .text(String(parts[1])) : Self.value(String(parts[1]))
      try set(String(parts[0]), value, "--set \(setting)")
    }
  }

  /// Several values stand behind commas.
  private static func value(_ text: String) -> ConfigurationValue {
    text.contains(",") ? .list(text.split(separator: ",").map(String.init)) : .text(text)
  }

  // MARK: Values

  private mutating func set(_ key: String, _ value: ConfigurationValue, _ place: String) throws(CommandFailure) {
    if key.hasPrefix("kafka."), key.count > "kafka.".count {
      guard !value.items.isEmpty else { throw .usage("\(place): \(key): expected a value of librdkafka's property") }
      configuration.kafka[String(key.dropFirst("kafka.".count))] = try Self.resolve(
        value.items.joined(separator: ","), place: "\(place): \(key)")
      return
    }
    guard let known = ConfigurationKey.named(key) else {
      throw .usage("\(place): \(key): \(Self.unknown(key))")
    }
    if !known.set(&configuration, value) {
      throw .usage("\(place): \(key): expected \(known.expectation), got \(value.items.joined(separator: ", "))")
    }
  }

  /// `${env:NAME}` and `${file:path}` for secrets.
  static func resolve(_ text: String, place: String) throws(CommandFailure) -> String {
    guard text.hasPrefix("${"), text.hasSuffix("}") else { return text }
    let inside = text.dropFirst(2).dropLast()
    if inside.hasPrefix("env:") {
      let name = String(inside.dropFirst(4))
      guard let value = ProcessInfo.processInfo.environment[name] else {
        throw .usage("\(place): environment variable \(name) is not set")
      }
      return value
    }
    if inside.hasPrefix("file:") {
      let path = String(inside.dropFirst(5))
      guard let value = try? String(contentsOfFile: path, encoding: .utf8) else {
        throw .usage("\(place): cannot read the file \(path)")
      }
      return value.trimmingCharacters(in: .newlines)
    }
    throw .usage("\(place): expected ${env:NAME} or ${file:path}, got \(text)")
  }

  private func check() throws(CommandFailure) {
    guard configuration.warm <= configuration.retain else {
      throw .usage(
        "warm: \(configuration.warm) is more than retain: \(configuration.retain); what is in memory is on disk too")
    }
    if let served = configuration.servedModels {
      let named =
        [("models.default", configuration.defaultModel)]
        + configuration.fallbacks.sorted { $0.key < $1.key }.flatMap { model, steps in
          [("fallback", model)]
            + steps.map { if case .model(let name) = $0 { ("fallback.\(model)", name) } else { ("", nil) } }
        }
      for case (let key, let model?) in named where !served.contains(model) {
        throw .usage("\(key): \(model) is not among models.serve: \(served.joined(separator: ", "))")
      }
    }
    guard (configuration.kafka["bootstrap.servers"] ?? "").isEmpty == false else {
      throw .usage(
        "kafka.bootstrap.servers: missing; expected host:port[,host:port…], or `embedded` for a broker in this process")
    }
    do throws(KafkaError) { _ = try ClientProperties(configuration.kafka) } catch { throw .usage(error.description) }
  }

  // MARK: Messages

  private static let known =
    "known are \(ConfigurationKey.all.map(\.name).joined(separator: ", ")), fallback.<model> and kafka.*"

  private static func isSection(_ key: String) -> Bool {
    ConfigurationKey.all.contains { $0.name.hasPrefix(key + ".") } || key + "." == ConfigurationKey.fallbackPrefix
  }

  private static func expectation(of key: String) -> String {
    ConfigurationKey.named(key)?.expectation ?? "a value"
  }

  private static func unknown(_ key: String) -> String {
    let nearest = ConfigurationKey.all.map(\.name).min { distance($0, key) < distance($1, key) }
    if let nearest, distance(nearest, key) <= 3 { return "unknown key; did you mean \(nearest)?" }
    return "unknown key; \(known)"
  }

  /// Letters to change, add or drop (Levenshtein).
  private static func distance(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first), Array(second))
    var row = Array(0...second.count)
    for i in first.indices {
      var previous = row[0]
      row[0] = i + 1
      for j in second.indices {
        let change = previous + (first[i] == second[j] ? 0 : 1)
        previous = row[j + 1]
        row[j + 1] = min(change, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[second.count]
  }

  private static func problem(_ path: String, _ node: Node, _ key: String, _ expected: String) -> CommandFailure {
    .usage("\(YAMLFile.place(path, node)): \(key.isEmpty ? "" : key + ": ")expected \(expected)")
  }
}
