import AdminAPI
import Artifacts
import Domain
import Kafka

/// One key of the worker's configuration: its name, what it takes, and where it goes. The table of these is all that is
/// known; any other key is an error. Properties under `kafka` are librdkafka's and not listed.
struct ConfigurationKey: Sendable {
  let name: String
  let expectation: String
  /// Sets the value; false if the text is not what is expected.
  let set: @Sendable (inout WorkerConfiguration, ConfigurationValue) -> Bool

  static let all: [ConfigurationKey] =
    [
      text("topics", "the path of a topics file") { $0.topics = $1 },
      name("group") { $0.group = $1 },
      name("slot") { $0.slot = $1 },
      text("state", "the path of a directory") { $0.state = $1 },
      name("models.default") { $0.defaultModel = $1 },
      ConfigurationKey(name: "models.serve", expectation: "`all` or a list of models") { configuration, value in
        switch value {
        case .text("all"): configuration.servedModels = nil
        case .text(let model): configuration.servedModels = [model]
        case .list(let models): configuration.servedModels = models
        }
        return configuration.servedModels.map { !$0.isEmpty && $0.allSatisfy(ReleaseIdentity.isValidName) } ?? true
      },
      word("start") { $0.start = $1 },
      word("delivery") { $0.delivery = $1 },
      ConfigurationKey(name: "lanes", expectation: "`auto` or a number from 1 to \(Limits.lanes)") {
        configuration, value in
        guard case .text(let text) = value else { return false }
        if text == "auto" {
          configuration.lanes = nil
          return true
        }
        guard let number = Int(text), (1...Limits.lanes).contains(number) else { return false }
        configuration.lanes = number
        return true
      },
      number("batch.records", 1...65_536) { $0.batchRecords = $1 },
      number("batch.bytes", 1024...(64 << 20)) { $0.batchBytes = $1 },
      number("batch.linger_milliseconds", 0...1000) { $0.lingerMilliseconds = $1 },
      number("batch.deadline_milliseconds", 10...Limits.batchDeadlineCeilingMilliseconds) {
        $0.batchDeadlineMilliseconds = $1
      },
      number("commit_interval_milliseconds", 1...5000) { $0.commitIntervalMilliseconds = $1 },
      number("retain", 1...1000) { $0.retain = $1 },
      number("warm", 1...100) { $0.warm = $1 },
      number("engine.threads", 1...64) { $0.engineThreads = $1 },
      ConfigurationKey(name: "gate.policy", expectation: "required or optional") { configuration, value in
        guard case .text(let text) = value, text == "required" || text == "optional" else { return false }
        configuration.gatePolicy.isRequired = text == "required"
        return true
      },
      number("gate.interval_seconds", 1...86_400) { $0.gateIntervalSeconds = $1 },
      number("gate.deadline_seconds", 1...86_400) { $0.gateDeadlineSeconds = $1 },
      ConfigurationKey(
        name: "gate.memory_megabytes", expectation: "`auto` or a whole number from 64 to 16777216"
      ) { configuration, value in
        guard case .text(let text) = value else { return false }
        configuration.gateMemoryMegabytes = Int(text)
        return text == "auto" || configuration.gateMemoryMegabytes.map { (64...16_777_216).contains($0) } ?? false
      },
      word("when_no_release") { $0.whenNoRelease = $1 },
      ConfigurationKey(name: "replies.allow", expectation: "a list of regular expressions") { configuration, value in
        configuration.replyTopics = value.items
        return configuration.replyTopics.allSatisfy { (try? ReplyAllowList(patterns: [$0], denied: [])) != nil }
      },
      flag("responses.cloudevents") { $0.addsCloudEventHeaders = $1 },
      flag("responses.trace") { $0.addsTransactionHeader = $1 },
      ConfigurationKey(
        name: "log.level", expectation: "trace, debug, info, notice, warning or error"
      ) { configuration, value in
        guard case .text(let level) = value,
          ["trace", "debug", "info", "notice", "warning", "error"].contains(level)
        else { return false }
        configuration.logLevel = level
        return true
      },
    ] + web + Metric.allCases.map(minimum)

  /// What is served and fetched over HTTP.
  private static let web: [ConfigurationKey] = [
    ConfigurationKey(
      name: "fetch.allow", expectation: "a list of at most \(Limits.fetchPatterns) regular expressions"
    ) { configuration, value in
      configuration.fetchPatterns = value.items
      return (try? URLAllowList(configuration.fetchPatterns)) != nil
    },
    number("fetch.timeout_seconds", 1...86_400) { $0.fetchTimeoutSeconds = $1 },
    ConfigurationKey(
      name: "http.bind", expectation: "`off`, or host:port such as 127.0.0.1:8080 or [::1]:8080 (port 0: any free one)"
    ) { configuration, value in
      guard case .text(let text) = value else { return false }
      // YAML may take the word for a truth value; people mean the same.
      if text == "off" || text == "false" {
        configuration.http = .off
        return true
      }
      guard let address = AdminAddress(text) else { return false }
      configuration.http = .address(address)
      return true
    },
  ]

  /// The key of a name: one of the table, or `fallback.<model>`.
  static func named(_ name: String) -> ConfigurationKey? {
    if let key = all.first(where: { $0.name == name }) { return key }
    guard name.hasPrefix(fallbackPrefix) else { return nil }
    let model = String(name.dropFirst(fallbackPrefix.count))
    return ReleaseIdentity.isValidName(model) ? fallback(of: model) : nil
  }

  /// What the names of the keys of fallbacks begin with.
  static let fallbackPrefix = "fallback."

  private static func fallback(of model: String) -> ConfigurationKey {
    ConfigurationKey(
      name: fallbackPrefix + model,
      expectation:
        "a list of at most \(Limits.fallbackSteps) of `previous`, `model:<another model>` and `constant`, each once"
    ) { configuration, value in
      let steps = value.items.compactMap(FallbackStep.init)
      guard steps.count == value.items.count, (1...Limits.fallbackSteps).contains(steps.count),
        Set(steps).count == steps.count, !steps.contains(.model(model))
      else { return false }
      configuration.fallbacks[model] = steps
      return true
    }
  }

  /// `gate.minimum.<metric>`.
  private static func minimum(_ metric: Metric) -> ConfigurationKey {
    ConfigurationKey(name: "gate.minimum.\(metric.rawValue)", expectation: "a number") { configuration, value in
      guard case .text(let text) = value, let number = Double(text), number.isFinite else { return false }
      configuration.gatePolicy.minimum[metric] = number
      return true
    }
  }

  // MARK: Kinds of keys

  private static func text(
    _ name: String, _ expectation: String, _ assign: @escaping @Sendable (inout WorkerConfiguration, String) -> Void
  ) -> ConfigurationKey {
    ConfigurationKey(name: name, expectation: expectation) { configuration, value in
      guard case .text(let text) = value, !text.isEmpty else { return false }
      assign(&configuration, text)
      return true
    }
  }

  private static func name(
    _ name: String, _ assign: @escaping @Sendable (inout WorkerConfiguration, String) -> Void
  ) -> ConfigurationKey {
    ConfigurationKey(
      name: name,
      expectation: "a name of letters, digits, `.`, `_` and `-`, at most \(Limits.nameCharacters) characters"
    ) { configuration, value in
      guard case .text(let text) = value, ReleaseIdentity.isValidName(text) else { return false }
      assign(&configuration, text)
      return true
    }
  }

  private static func number(
    _ name: String, _ range: ClosedRange<Int>, _ assign: @escaping @Sendable (inout WorkerConfiguration, Int) -> Void
  ) -> ConfigurationKey {
    ConfigurationKey(name: name, expectation: "a whole number from \(range.lowerBound) to \(range.upperBound)") {
      configuration, value in
      guard case .text(let text) = value, let number = Int(text), range.contains(number) else { return false }
      assign(&configuration, number)
      return true
    }
  }

  private static func flag(
    _ name: String, _ assign: @escaping @Sendable (inout WorkerConfiguration, Bool) -> Void
  ) -> ConfigurationKey {
    ConfigurationKey(name: name, expectation: "true or false") { configuration, value in
      guard case .text(let text) = value, let flag = Bool(text) else { return false }
      assign(&configuration, flag)
      return true
    }
  }

  private static func word<Word: RawRepresentable & CaseIterable & Sendable>(
    _ name: String, _ assign: @escaping @Sendable (inout WorkerConfiguration, Word) -> Void
  ) -> ConfigurationKey where Word.RawValue == String {
    let words = Word.allCases.map(\.rawValue).joined(separator: " or ")
    return ConfigurationKey(name: name, expectation: words) { configuration, value in
      guard case .text(let text) = value, let word = Word(rawValue: text) else { return false }
      assign(&configuration, word)
      return true
    }
  }
}

/// What stands behind a key.
enum ConfigurationValue: Sendable, Equatable {
  case text(String)
  case list([String])

  /// The items of a list; a single text is a list of one.
  var items: [String] {
    switch self {
    case .text(let text): text.isEmpty ? [] : [text]
    case .list(let items): items
    }
  }
}
