import CRdKafka
import Domain
import Logging

/// Looks at topics and changes them, by Kafka's admin API. A plan never deletes anything.
///
/// Calls block; used by one thread at a time. What has gone well stays done when something later fails: a plan made
/// anew finds what is left.
@safe package final class TopicAdmin {
  let client: Client

  /// What became of one step.
  package struct StepResult: Sendable, Equatable {
    package var step: TopicStep
    /// Nil if it is done.
    package var error: KafkaError?

    /// A result.
    package init(step: TopicStep, error: KafkaError? = nil) {
      self.step = step
      self.error = error
    }
  }

  /// Connects when it is first asked something.
  package init(
    properties: ClientProperties, clientID: String = "understudy-topics", logger: Logger
  ) throws(KafkaError) {
    client = try unsafe Client(
      .producer, user: properties,
      defaults: ["socket.nagle.disable": "true", "reconnect.backoff.ms": "50", "allow.auto.create.topics": "false"],
      overrides: ["client.id": clientID], logger: logger)
  }

  /// Those of the topics that exist, with their partitions, replicas and configuration.
  ///
  /// Topics that this user may not describe look as if they did not exist.
  /// - Throws: `retry` if the brokers do not answer, `stop` if they may or can not.
  package func describe(
    topics: [String], timeout: Duration = .seconds(15)
  ) throws(KafkaError) -> [String: ActualTopic] {
    let milliseconds = Self.milliseconds(timeout)
    var described = try client.shapes(of: topics, timeoutMilliseconds: milliseconds)
    for (name, outcome) in try describeConfigs(described.keys.sorted(), timeoutMilliseconds: milliseconds) {
      switch outcome {
      case .success(let config): described[name]?.config = config
      case .failure(let error): throw error
      }
    }
    return described
  }

  /// `max.message.bytes` of topics, those left out that do not exist or may not be looked at.
  /// - Throws: `stop` with brokers without the admin API; the caller then takes `TopicRole.brokerMessageBytes`.
  package func maxMessageBytes(
    of topics: [String], timeout: Duration = .seconds(5)
  ) throws(KafkaError) -> [String: Int] {
    var sizes: [String: Int] = [:]
    for (name, outcome) in try describeConfigs(topics, timeoutMilliseconds: Self.milliseconds(timeout)) {
      guard case .success(let config) = outcome, let text = config["max.message.bytes"]?.value else { continue }
      sizes[name] = Int(text)
    }
    return sizes
  }

  /// Carries out a plan: creates topics, then adds partitions, then alters configuration.
  /// - Returns: a result for every step that is not `keep`.
  /// - Throws: `stop` for a plan with conflicts; what keeps the very first request from being carried out.
  package func apply(_ plan: TopicPlan, timeout: Duration = .seconds(30)) throws(KafkaError) -> [StepResult] {
    if let conflict = plan.conflicts.first { throw .stop("not applied, since \(conflict)") }
    let milliseconds = Self.milliseconds(timeout)
    var results: [StepResult] = []
    for word in ["create", "add_partitions", "alter"] {
      let steps = plan.steps.filter { $0.word == word }
      guard !steps.isEmpty else { continue }
      do throws(KafkaError) {
        let errors = try carryOut(steps, timeoutMilliseconds: milliseconds)
        results += steps.map { StepResult(step: $0, error: errors[$0.topic]) }
      } catch {
        if results.isEmpty { throw error }
        results += steps.map { StepResult(step: $0, error: error) }
      }
    }
    return results
  }

  /// Deletes topics that whoever calls has made for itself.
  /// - Returns: the errors, by topic.
  package func remove(
    _ topics: [String], timeout: Duration = .seconds(30)
  ) throws(KafkaError) -> [String: KafkaError] {
    guard !topics.isEmpty else { return [:] }
    return try delete(topics, timeoutMilliseconds: Self.milliseconds(timeout))
  }

  /// Carries out steps of one kind, of which each topic has one at most.
  /// - Returns: the errors, by topic.
  private func carryOut(_ steps: [TopicStep], timeoutMilliseconds: Int32) throws(KafkaError) -> [String: KafkaError] {
    var (creations, additions): ([Creation], [String: Int]) = ([], [:])
    var alterations: [String: [TopicStep.Change]] = [:]
    for step in steps {
      switch step.action {
      case .keep: continue
      case .create(let partitions, let replicas, let config):
        creations.append(Creation(name: step.topic, partitions: partitions, replicas: replicas, config: config))
      case .addPartitions(_, let count): additions[step.topic] = count
      case .alter(let changes): alterations[step.topic] = changes
      }
    }
    var errors: [String: KafkaError] = [:]
    if !creations.isEmpty { errors = try create(creations, timeoutMilliseconds: timeoutMilliseconds) }
    if !additions.isEmpty {
      errors.merge(try addPartitions(additions, timeoutMilliseconds: timeoutMilliseconds)) { $1 }
    }
    if !alterations.isEmpty { errors.merge(try alter(alterations, timeoutMilliseconds: timeoutMilliseconds)) { $1 } }
    return errors
  }

  /// AlterConfigs resets what it does not name. So the topics are described first, and what they have of their own is
  /// sent along.
  private func alter(
    _ changes: [String: [TopicStep.Change]], timeoutMilliseconds: Int32
  ) throws(KafkaError) -> [String: KafkaError] {
    let described = try describeConfigs(changes.keys.sorted(), timeoutMilliseconds: timeoutMilliseconds)
    var (merged, errors): ([String: [String: String]], [String: KafkaError]) = ([:], [:])
    for (topic, changes) in changes {
      switch described[topic] {
      case .success(let config):
        do throws(KafkaError) { merged[topic] = try Self.merged(config, changes, topic: topic) } catch {
          errors[topic] = error
        }
      case .failure(let error): errors[topic] = error
      case nil: errors[topic] = .retry("\(topic): the brokers did not describe it, so that it was not altered")
      }
    }
    guard !merged.isEmpty else { return errors }
    return errors.merging(try alterConfigs(merged, timeoutMilliseconds: timeoutMilliseconds)) { $1 }
  }

  /// What a topic has of its own, with changes.
  /// - Throws: `stop` if it has something whose value is hidden, since that would be lost.
  static func merged(
    _ config: [String: ActualTopic.Setting], _ changes: [TopicStep.Change], topic: String
  ) throws(KafkaError) -> [String: String] {
    var merged: [String: String] = [:]
    for (name, setting) in config where setting.isOwn {
      if let value = setting.value {
        merged[name] = value
      } else if !changes.contains(where: { $0.name == name }) {
        throw .stop(
          "\(topic): the brokers hide the value of \(name), which an alteration would reset; alter it with kafka-configs.sh"
        )
      }
    }
    for change in changes { merged[change.name] = change.to }
    return merged
  }

  private static func milliseconds(_ duration: Duration) -> Int32 {
    // librdkafka takes up to an hour.
    let (seconds, attoseconds) = duration.components
    return Int32(min(max(min(seconds, 3600) * 1000 + attoseconds / 1_000_000_000_000_000, 1), 3_600_000))
  }
}
