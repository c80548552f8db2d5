import Domain
import Foundation
import TestSupport
import Yams

@testable import understudy

/// Configuration and topics files that are nearly right, and what must hold of each.
struct ConfigurationFuzz {
  /// How a worker's configuration is read; a test may plant a mistake here.
  var load: (String) throws(CommandFailure) -> WorkerConfiguration = { path throws(CommandFailure) in
    try ConfigurationLoader.load(path: path, settings: [], environment: [:])
  }
  /// The same for topics.
  var loadTopics: (String) throws(CommandFailure) -> TopicsFile = { path throws(CommandFailure) in
    try TopicsFileLoader.load(path: path)
  }
  private let workplace: Workplace
  private let path: String
  private let worker: Mutator
  private let topics: Mutator

  init() throws {
    workplace = try Workplace()
    path = "\(workplace.path)/file.yaml"
    worker = Mutator([Self.full, Self.flow].map { Array($0.utf8) }, members: Self.members)
    topics = Mutator([Array(Self.topics.utf8)], members: Self.members)
    // What is mutated is right.
    for (isTopics, text) in [(false, Self.full), (false, Self.flow), (true, Self.topics)] {
      if let problem = try check((isTopics, Array(text.utf8))).problem { throw TestFailure(problem) }
      guard try check((isTopics, Array(text.utf8))).reaction == (isTopics ? "topics" : "configuration") else {
        throw TestFailure("a file to begin with is refused: \(text)")
      }
    }
  }

  private static let full = """
    kafka:
      bootstrap.servers: "b1:9092,b2:9092"
      compression.type: lz4
    topics: ./topics.yaml
    group: scoring
    slot: "worker-1"
    state: /var/lib/state
    models: {default: loan, serve: [loan, simple]}
    start: latest
    delivery: at_least_once
    lanes: 2
    batch:
      records: 512
      linger_milliseconds: 3
    retain: 7
    warm: 3
    gate:
      policy: optional
      memory_megabytes: auto
      minimum: {accuracy: 0.9}
    fallback:
      loan: [previous, 'model:simple', constant]
      simple: constant
    replies:
      allow:
        - answers\\..*
        - other
    fetch: {allow: ["https://a/.*"], timeout_seconds: 60}
    http: {bind: "127.0.0.1:0"}
    log: {level: debug}
    """

  private static let flow = #"""
    {"kafka":{"bootstrap.servers":"b:1"},"group":"g","lanes":"auto","retain":5,"models":{"default":"m","serve":"all"},
     "fallback":{"m":["previous"]},"replies":{"allow":["a"]},"responses":{"trace":true},"http":{"bind":"off"}}
    """#

  private static let topics = """
    version: 1
    defaults:
      partitions: 6
      replicas: 1
      config: {compression.type: producer, cleanup.policy: [compact, delete]}
    topics:
      - {role: requests, name: a.requests, model: loan, partitions: 3}
      - role: responses
        name: a.responses
      - {role: dead-letters, name: a.dead, config: {retention.ms: 1000}}
      - {role: control, name: a.control}
      - {role: events, name: a.events}
      - {role: status, name: a.status}
      - {role: releases, name: a.releases, replicas: 3}
    """

  /// What YAML has and JSON does not, as members, items or lines.
  private static let members = [
    "\n- a\n", "\n  - [a]\n", "&a [b]", "*a", "&a x", "!!int x", "!!null ''", "!!binary aGk=", "|\n  text\n",
    ">-\n  t\n",
    "? [a]\n: b\n", "~", "<<: *a", "\n---\n", "\n...\n", "%YAML 1.2\n", "# ", "\t", "'", "${env:HOME}",
    "${file:/dev/null}",
    "0x10", "1_000", "010", "1e3", ".inf", ".nan", "yes", "2026-11-24", "\nretain: 3\n", "\nkafka: {a: b}\n",
    "fallback: {a: [b]}", "lanes: [1]", "[a, ~]", "\u{85}", "\u{2028}",
  ]

  /// A file: whether it is a worker's or topics, and what it holds.
  func next(_ generator: inout SeededGenerator) -> (isTopics: Bool, bytes: [UInt8]) {
    let isTopics = Int.random(in: 0..<3, using: &generator) == 0
    var bytes = (isTopics ? topics : worker).next(&generator)
    if Bool.random(using: &generator) { mutateLines(&bytes, &generator) }
    return (isTopics, bytes)
  }

  /// Of YAML lines and their indents are the structure.
  private func mutateLines(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
    guard let at = lines.indices.randomElement(using: &generator) else { return }
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: lines.remove(at: at)
    case 1: lines.insert(lines[at], at: Int.random(in: 0...lines.count, using: &generator))
    case 2: lines[at].insert(contentsOf: [0x20, 0x20], at: 0)
    case 3: lines[at].removeFirst(min(2, lines[at].prefix { $0 == 0x20 }.count))
    case 4: lines.swapAt(at, Int.random(in: 0..<lines.count, using: &generator))
    default: lines.insert(Array((Self.members.randomElement(using: &generator) ?? "").utf8), at: at)
    }
    bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
  }

  // MARK: What must hold

  /// A file is refused with its place or key and what was expected, or read whole.
  func check(_ file: (isTopics: Bool, bytes: [UInt8])) throws -> (problem: String?, reaction: String) {
    try Data(file.bytes).write(to: URL(fileURLWithPath: path))
    do throws(CommandFailure) {
      if file.isTopics {
        let topics = try loadTopics(path)
        return (loss(in: topics, of: file.bytes).map { shown($0, file.bytes) }, "topics")
      }
      let configuration = try load(path)
      return (loss(in: configuration, of: file.bytes).map { shown($0, file.bytes) }, "configuration")
    } catch {
      return (
        problem(of: error).map { shown("\($0): \(error)", file.bytes) }, error.description.replacing(path, with: "")
      )
    }
  }

  private func problem(of failure: CommandFailure) -> String? {
    if failure.exitCode != 2 { return "a refusal with exit code \(failure.exitCode)" }
    let message = failure.description
    // What contradicts something else is named by its key.
    let keys = ["kafka.", "warm:", "models.default", "fallback"]
    return message.hasPrefix("\(path):") || keys.contains { message.hasPrefix($0) } ? nil : "a refusal without a place"
  }

  /// What the file says is found by a walk that knows no keys, and given again as `--set`: the same must come of it.
  private func loss(in configuration: WorkerConfiguration, of bytes: [UInt8]) -> String? {
    guard let root = try? compose(yaml: String(decoding: bytes, as: UTF8.self)),
      let settings = Self.settings(root, "")
    else { return nil }
    var expected: WorkerConfiguration
    do throws(CommandFailure) {
      expected = try ConfigurationLoader.load(path: nil, settings: settings, environment: [:])
    } catch { return "is read, and \(settings) is refused: \(error)" }
    // Paths in a file are meant from where the file is.
    expected.topics = configuration.topics
    expected.state = configuration.state
    return configuration == expected ? nil : "is read as \(configuration), and \(settings) as \(expected)"
  }

  /// Each entry of the list must have given a topic with all that it says.
  private func loss(in file: TopicsFile, of bytes: [UInt8]) -> String? {
    guard let root = try? compose(yaml: String(decoding: bytes, as: UTF8.self)), let list = root["topics"]?.sequence
    else { return "is read without a list of topics" }
    guard list.count == file.topics.count else { return "is read as \(file.topics.count) topics" }
    for (node, topic) in zip(list, file.topics) {
      let said = [node["role"]?.string, node["name"]?.string, node["model"]?.string]
      let numbers = [node["partitions"]?.int, node["replicas"]?.int]
      let config = node["config"]?.mapping.map { pairs in
        Dictionary(
          pairs.map { ($0.key.string ?? "", Self.texts(of: $0.value).joined(separator: ",")) }, uniquingKeysWith: { $1 }
        )
      }
      if said != [topic.role.rawValue, topic.name, topic.model] || numbers != [topic.partitions, topic.replicas]
        || config ?? [:] != topic.config
      {
        return "is read as \(topic)"
      }
    }
    return nil
  }

  /// `key=value,value` for all that a document holds; nil for what cannot be said in this way.
  private static func settings(_ node: Node, _ prefix: String) -> [String]? {
    switch node {
    case .mapping(let mapping):
      var all: [String] = []
      for (key, value) in mapping {
        guard case .scalar(let scalar) = key, let inner = settings(value, prefix + scalar.string + ".") else {
          return nil
        }
        all += inner
      }
      return all
    case .sequence, .scalar:
      let name = String(prefix.dropLast())
      let texts = texts(of: node)
      // A text with a comma would be taken for more than one, the word for all models in a list for a model's name.
      let isWhole = name.hasPrefix("kafka.") || !texts.contains { $0.contains(",") }
      guard isWhole, !name.contains("="), texts != ["all"] || node.sequence == nil else { return nil }
      return ["\(name)=\(texts.joined(separator: ","))"]
    default: return nil
    }
  }

  private static func texts(of node: Node) -> [String] {
    switch node {
    case .scalar(let scalar): [scalar.string]
    case .sequence(let sequence): sequence.flatMap { texts(of: $0) }
    default: ["something else"]
    }
  }

  private func shown(_ problem: String, _ bytes: [UInt8]) -> String {
    "\(problem)\n\(String(decoding: bytes, as: UTF8.self))"
  }
}
