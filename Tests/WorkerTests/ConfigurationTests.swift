import AdminAPI
import Domain
import Foundation
import Testing

@testable import understudy

@Suite("Configuration")
struct ConfigurationTests {
  private let workplace: Workplace
  private let path: String

  init() throws {
    workplace = try Workplace()
    path = "\(workplace.path)/worker.yaml"
  }

  private func load(
    _ yaml: String, settings: [String] = [], environment: [String: String] = [:]
  ) throws -> WorkerConfiguration {
    try workplace.write("worker.yaml", yaml)
    return try ConfigurationLoader.load(path: path, settings: settings, environment: environment)
  }

  /// What the start stops with.
  private func problem(
    _ yaml: String, settings: [String] = [], environment: [String: String] = [:]
  ) throws -> String {
    try workplace.write("worker.yaml", yaml)
    do throws(CommandFailure) {
      _ = try ConfigurationLoader.load(path: path, settings: settings, environment: environment)
    } catch {
      #expect(error.exitCode == 2)
      return error.description
    }
    throw TestFailure("accepted: \(yaml) \(settings) \(environment)")
  }

  private let broker = "kafka: {bootstrap.servers: \"b:9092\"}\n"

  @Test("An unknown key is refused with its file, its line and the key that was meant")
  func unknownKey() throws {
    #expect(try problem(broker + "\nretian: 3\n") == "\(path):3: retian: unknown key; did you mean retain?")
    #expect(
      try problem(broker + "batch:\n  record: 3\n")
        == "\(path):3: batch.record: unknown key; did you mean batch.records?")
    #expect(try problem(broker + "batches:\n  records: 3\n").hasPrefix("\(path):2: batches: unknown key"))
    let strange = try problem(broker + "colour: red\n")
    #expect(
      strange.hasPrefix("\(path):2: colour: unknown key; known are topics, group, slot") && strange.hasSuffix("kafka.*")
    )
    #expect(try problem(broker, settings: ["slto=a"]) == "--set slto=a: slto: unknown key; did you mean slot?")
    #expect(try problem(broker, settings: ["slot"]) == "--set slot: expected key=value")
    #expect(
      try problem(broker, environment: ["UNDERSTUDY_COLOUR": "red"]).hasPrefix(
        "environment UNDERSTUDY_COLOUR: is no key of the configuration"))
  }

  @Test("A property of the client is what it was given as, with its commas")
  func commas() throws {
    let given = try load(
      broker, settings: ["kafka.sasl.password=a,,b,"], environment: ["UNDERSTUDY_KAFKA_SASL_USERNAME": ",u,,v"])
    #expect(given.kafka["sasl.password"] == "a,,b," && given.kafka["sasl.username"] == ",u,,v")
  }

  @Test("Fallbacks are lists by model, each step once and known")
  func fallbacks() throws {
    let configuration = try load(
      broker + "fallback:\n  car-loan: [previous, 'model:simple', constant]\n  simple: constant\n",
      settings: ["fallback.other=previous,constant", "batch.deadline_milliseconds=700"])
    #expect(
      configuration.fallbacks
        == [
          "car-loan": [.previous, .model("simple"), .constant], "simple": [.constant], "other": [.previous, .constant],
        ])
    #expect(configuration.batchDeadlineMilliseconds == 700)
    let expected =
      "expected a list of at most 8 of `previous`, `model:<another model>` and `constant`, each once, got"
    for (steps, found) in [
      ("[previous, earlier]", "previous, earlier"), ("[previous, previous]", "previous, previous"),
      ("['model:loan']", "model:loan"), ("[]", ""), ("'model:'", "model:"),
    ] {
      #expect(try problem(broker + "fallback:\n  loan: \(steps)\n") == "\(path):3: fallback.loan: \(expected) \(found)")
    }
    let serve = broker + "models: {default: loan, serve: [loan, simple]}\n"
    #expect(
      try problem(serve + "fallback: {lona: constant}\n") == "fallback: lona is not among models.serve: loan, simple")
    #expect(
      try problem(serve + "fallback: {loan: ['model:nix']}\n")
        == "fallback.loan: nix is not among models.serve: loan, simple")
    #expect(
      try problem(broker + "models: {default: loan, serve: [simple]}\n")
        == "models.default: loan is not among models.serve: simple")
    #expect(try problem(broker + "fallback: {a/b: constant}\n").hasPrefix("\(path):2: fallback.a/b: unknown key"))
    #expect(try problem(broker + "batch: {deadline_milliseconds: 60000}\n").contains("a whole number from 10 to 8000"))
  }

  @Test("P8: numbers up to their bound are taken, and one more is refused with the bound")
  func bounds() throws {
    for (key, limit) in [
      ("lanes", Limits.lanes), ("batch.deadline_milliseconds", Limits.batchDeadlineCeilingMilliseconds),
    ] {
      _ = try load(broker, settings: ["\(key)=\(limit)"])
      #expect(try problem(broker, settings: ["\(key)=\(limit + 1)"]).contains("to \(limit)"))
    }
    func fallback(_ count: Int) -> String {
      "fallback.loan=" + (0..<count).map { "model:m\($0)" }.joined(separator: ",")
    }
    #expect(
      try load(broker, settings: [fallback(Limits.fallbackSteps)]).fallbacks["loan"]?.count == Limits.fallbackSteps)
    #expect(try problem(broker, settings: [fallback(Limits.fallbackSteps + 1)]).contains("a list of at most 8"))
    func patterns(_ count: Int) -> String {
      "fetch: {allow: [\((0..<count).map { "a\($0)" }.joined(separator: ", "))]}\n"
    }
    _ = try load(broker + patterns(Limits.fetchPatterns))
    #expect(try problem(broker + patterns(Limits.fetchPatterns + 1)).contains("a list of at most 100"))
    let configuration = try load(broker)
    #expect(configuration.batchDeadlineMilliseconds == Limits.batchDeadlineMilliseconds)
    #expect(configuration.gateDeadlineSeconds == Limits.probeSeconds)
  }

  @Test("P8: a file of the largest size is read, a larger one and one that is no text are refused")
  func size() throws {
    let comment = Limits.configurationBytes - broker.utf8.count - 1
    #expect(try load(broker + "#" + String(repeating: "x", count: comment)).kafka["bootstrap.servers"] == "b:9092")
    #expect(
      try problem(broker + "#" + String(repeating: "x", count: comment + 1))
        == "\(path): expected at most 1048576 bytes, and there are more")
    try Data([0x67, 0x3A, 0xFF]).write(to: URL(fileURLWithPath: path))
    do throws(CommandFailure) {
      _ = try ConfigurationLoader.load(path: path, settings: [], environment: [:])
      Issue.record("accepted")
    } catch { #expect(error.description == "\(path): expected UTF-8, and it is none") }
  }

  @Test("A wrong type, a missing value and values that contradict each other are refused with what was expected")
  func wrongValue() throws {
    #expect(
      try problem(broker + "retain: many\n") == "\(path):2: retain: expected a whole number from 1 to 1000, got many")
    #expect(try problem(broker + "retain: 0\n").hasSuffix("expected a whole number from 1 to 1000, got 0"))
    #expect(try problem(broker + "delivery: twice\n").hasSuffix("expected exactly_once or at_least_once, got twice"))
    #expect(try problem(broker + "slot:\n").contains("\(path):2: slot: has no value"))
    #expect(try problem(broker + "slot: 'a b'\n").contains("slot: expected a name of letters"))
    #expect(try problem(broker + "lanes: 99\n").contains("lanes: expected `auto` or a number from 1 to 16"))
    #expect(
      try problem(broker + "replies: {allow: ['(']}\n").contains(
        "replies.allow: expected a list of regular expressions"))
    #expect(try problem(broker + "http: {bind: 8080}\n").contains("http.bind: expected `off`, or host:port"))
    #expect(
      try problem(broker + "fetch: {allow: ['(']}\n").contains("fetch.allow: expected a list of at most 100 regular"))
    #expect(try problem(broker + "fetch: {timeout_seconds: 0}\n").contains("a whole number from 1 to 86400"))
    #expect(try problem(broker + "retain: 2\nwarm: 3\n").contains("warm: 3 is more than retain: 2"))
    #expect(try problem("group: g\n").contains("kafka.bootstrap.servers: missing"))
    #expect(try problem("a: [1\n").contains("not YAML"))
    #expect(try problem("just words\n").contains("expected keys and values"))
    for (list, index) in [("[a, [b]]", 1), ("[{a: b}, c]", 0), ("[a, ~]", 1), ("[a, '']", 1)] {
      #expect(
        try problem(broker + "models: {serve: \(list)}\n")
          == "\(path):2: models.serve[\(index)]: expected a plain value")
    }
    #expect(try problem(broker + "models: {serve: []}\n").contains("expected `all` or a list of models"))
    #expect(try problem(broker + "? [a]\n: b\n").contains("expected a name as the key"))
  }

  @Test("P1: properties that would break a promise are refused, and the message says why")
  func refusedProperties() throws {
    for (property, reason) in [
      ("enable.auto.commit", "offsets are committed in the transaction"), ("isolation.level", "read_committed"),
      ("transactional.id", "derived from group, slot and lane"), ("auto.offset.reset", "set `start: earliest`"),
      ("group.instance.id", "derived from group, lane and slot"),
    ] {
      let message = try problem("kafka:\n  bootstrap.servers: b\n  \(property): x\n")
      #expect(message.contains("kafka.\(property): not yours to set") && message.contains(reason), "\(message)")
    }
  }

  @Test("The file, then the environment, then --set: the last one wins; secrets come from elsewhere")
  func sources() throws {
    let secret = try workplace.write("secret", "from a file\n")
    // The test's own environment is what the secrets are taken from.
    let home = try #require(ProcessInfo.processInfo.environment["PATH"])
    let configuration = try load(
      """
      kafka:
        bootstrap.servers: "b:9092"
        sasl.password: ${file:\(secret)}
        ssl.key.password: ${env:PATH}
      slot: from-file
      group: from-file
      warm: 1
      topics: topics.yaml
      replies: {allow: [a, b]}
      """, settings: ["group=from-set", "models.serve=a,b"],
      environment: [
        "UNDERSTUDY_GROUP": "from-environment", "UNDERSTUDY_SLOT": "from-environment", "UNDERSTUDY_BATCH_RECORDS": "7",
        "UNDERSTUDY_KAFKA_SASL_USERNAME": "me", "UNDERSTUDY_FAIL_POINT": "fetched", "OTHER": "x",
      ])
    #expect(configuration.kafka["sasl.password"] == "from a file" && configuration.kafka["ssl.key.password"] == home)
    #expect(configuration.kafka["sasl.username"] == "me")
    #expect(configuration.slot == "from-environment" && configuration.group == "from-set" && configuration.warm == 1)
    #expect(configuration.batchRecords == 7 && configuration.servedModels == ["a", "b"])
    #expect(configuration.replyTopics == ["a", "b"])
    // Paths in a file are meant from where the file is.
    #expect(configuration.topics == "\(workplace.path)/topics.yaml" && configuration.state == "\(workplace.path)/state")
    #expect(
      try problem("kafka: {bootstrap.servers: '${env:NO_SUCH_VARIABLE}'}\n").contains(
        "environment variable NO_SUCH_VARIABLE is not set"))
    #expect(try problem("kafka: {bootstrap.servers: '${file:/nowhere}'}\n").contains("cannot read the file /nowhere"))
  }

  @Test("The admin API listens on loopback, where it is told to, or nowhere")
  func httpBind() throws {
    #expect(try load(broker).http == .standard)
    for text in ["off", "\"off\"", "false"] { #expect(try load(broker + "http: {bind: \(text)}\n").http == .off) }
    let addresses = ["0.0.0.0:9100": AdminAddress(host: "0.0.0.0", port: 9100), "[::1]:0": .init(host: "::1", port: 0)]
    for (text, address) in addresses {
      #expect(try load(broker + "http: {bind: \"\(text)\"}\n").http == .address(address))
      #expect(try load(broker, settings: ["http.bind=\(text)"]).http == .address(address))
    }
  }

  @Test("P9: nothing is fetched over HTTP unless the configuration allows it")
  func fetch() throws {
    #expect(try load(broker).fetchPatterns == [] && load(broker).fetchTimeoutSeconds == 600)
    let configuration = try load(broker + "fetch: {allow: ['https://a/.*', 'https://b/.*'], timeout_seconds: 60}\n")
    #expect(configuration.fetchPatterns == ["https://a/.*", "https://b/.*"])
    #expect(configuration.fetchTimeoutSeconds == 60)
  }

  @Test("A topics file with a mistake is refused with its file, its line and what was expected")
  func topics() throws {
    func problem(_ text: String) throws -> String {
      let path = try workplace.write("topics.yaml", text)
      do throws(CommandFailure) { _ = try TopicsFileLoader.load(path: path) } catch {
        #expect(error.exitCode == 2)
        return error.description.replacing("\(workplace.path)/", with: "")
      }
      throw TestFailure("accepted: \(text)")
    }
    #expect(
      try problem("version: 1\ntopics:\n  - {role: request, name: a}\n").hasPrefix(
        "topics.yaml:3: topics[0].role: expected one of"))
    #expect(try problem("version: 1\ntopics:\n  - {role: requests}\n").contains("topics[0].name: missing"))
    #expect(try problem("version: 1\ntopic: []\n").hasPrefix("topics.yaml:2: topic: unknown key"))
    #expect(
      try problem("version: 1\ntopics:\n  - {role: requests, name: a, partitions: few}\n").contains(
        "expected a whole number, got few"))
    #expect(try problem("version: 1\ntopics:\n  - {role: requests, name: a}\n").contains("topics.yaml"))
    #expect(
      try problem("version: 1\ndefaults: {config: {cleanup.policy: [compact, [delete]]}}\ntopics: []\n")
        == "topics.yaml:2: defaults.config.cleanup.policy[1]: expected a plain value")
    for (member, key) in [("model: [loan]", "model"), ("model: ~", "model"), ("name: {a: b}", "name")] {
      let name = key == "name" ? "" : ", name: a"
      #expect(
        try problem("version: 1\ntopics:\n  - {role: requests\(name), \(member)}\n")
          == "topics.yaml:3: topics[0].\(key): expected a plain value")
    }
    #expect(
      try problem("version: 1\ndefaults: {config: {retention.ms: }}\ntopics: []\n")
        == "topics.yaml:2: defaults.config.retention.ms: expected a value")
  }
}
