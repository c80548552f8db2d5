import ArgumentParser
import Domain
import Foundation
import Kafka
import Wire

/// `understudy topics`.
struct TopicsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "topics",
    abstract: "Create the topics, keep them as they should be, and print who needs which rights.",
    discussion: """
      Examples:
        understudy topics plan --topics topics.yaml --bootstrap kafka:9092
        understudy topics apply --topics topics.yaml --bootstrap kafka:9092
        understudy topics acl --topics topics.yaml
      """,
    subcommands: [Plan.self, Apply.self, Verify.self, Rights.self])

  /// Shows what `apply` would do.
  struct Plan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "plan",
      abstract: "Show the difference between the topics file and the cluster.",
      discussion: """
        Example:
          understudy topics plan --topics topics.yaml --bootstrap kafka:9092
        """)

    @Flag(help: "Print the plan as JSON.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
      let (target, json) = (try connection.target(), json)
      let plan = try await onThread("topics") { try TopicsCommand.plan(target).plan }
      Terminal.show(json ? TopicsCommand.document(plan).line : TopicsCommand.text(plan))
      if !plan.conflicts.isEmpty { throw CommandFailure.failed("the plan has conflicts: `apply` would refuse it") }
    }
  }

  /// Creates and alters.
  struct Apply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "apply",
      abstract: "Create what is missing and alter what differs; never delete.",
      discussion: """
        Example:
          understudy topics apply --topics topics.yaml --bootstrap kafka:9092
        """)

    @Flag(help: "Print the results as JSON.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
      let (target, json) = (try connection.target(), json)
      let results = try await onThread("topics") { () throws -> [TopicAdmin.StepResult] in
        let (plan, admin) = try TopicsCommand.plan(target)
        for warning in plan.warnings { Terminal.complain("warning: \(warning)") }
        return try admin.apply(plan)
      }
      for result in results {
        if json {
          var line = TopicsCommand.document(result.step)
          line.set("outcome", to: .text(result.error == nil ? "done" : "failed"))
          line.set("message", toOptional: result.error?.description)
          Terminal.show(line.line)
        } else {
          Terminal.show("\(result.step)\(result.error.map { " FAILED: \($0)" } ?? "")")
        }
      }
      if results.isEmpty, !json { Terminal.show("every topic is as it should be") }
      if results.contains(where: { $0.error != nil }) {
        throw CommandFailure.failed(
          "not everything could be done; what was done stays, and `apply` again does the rest")
      }
    }
  }

  /// Compares, for scripts.
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify",
      abstract: "Exit 0 if the cluster is as the topics file says, else 1.",
      discussion: """
        Example:
          understudy topics verify --config worker.yaml
        """)

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
      let target = try connection.target()
      let plan = try await onThread("topics") { try TopicsCommand.plan(target).plan }
      for warning in plan.warnings { Terminal.complain("warning: \(warning)") }
      guard plan.isEmpty else { throw CommandFailure.failed(TopicsCommand.text(plan)) }
      Terminal.show("every topic is as it should be")
    }
  }

  /// Prints rights.
  struct Rights: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "acl",
      abstract: "Print the rights that each role of user needs, as lines for kafka-acls.sh.",
      discussion: """
        Nothing is changed and no broker is asked. Who may write to the control topic decides what serves: give that to few.

        Examples:
          understudy topics acl --topics topics.yaml
          understudy topics acl --group understudy --bootstrap kafka:9092 | grep worker
        """)

    @Option(help: "The topics file; by default topics of the default names.")
    var topics: String?

    @Option(help: "The group of the workers.")
    var group = "understudy"

    @Option(help: "Narrow a worker's transactional ids to this slot.")
    var slot: String?

    @Option(help: "Brokers to put into the lines.")
    var bootstrap = "127.0.0.1:9092"

    @Flag(help: "One JSON document a right.")
    var json = false

    func run() async throws {
      let list = AccessList(try TopicsFileLoader.load(path: topics), group: group, slot: slot)
      if json {
        for rule in list.rules { Terminal.show(TopicsCommand.document(rule).line) }
      } else {
        for line in list.commands(bootstrapServers: bootstrap) { Terminal.show(line) }
      }
    }
  }

  // MARK: Shared

  private static func plan(_ target: ConnectionOptions.Target) throws -> (plan: TopicPlan, admin: TopicAdmin) {
    let admin = try TopicAdmin(properties: target.properties, logger: target.logger)
    return (TopicPlan(target.file, actual: try admin.describe(topics: target.topics.all)), admin)
  }

  private static func text(_ plan: TopicPlan) -> String {
    let lines =
      plan.steps.map(\.description) + plan.warnings.map { "warning: \($0)" } + plan.conflicts.map { "CONFLICT: \($0)" }
    return lines.joined(separator: "\n")
  }

  private static func document(_ plan: TopicPlan) -> JSON {
    .object([
      .init("steps", .array(plan.steps.map(document))),
      .init("warnings", .array(plan.warnings.map { .text($0.description) })),
      .init("conflicts", .array(plan.conflicts.map { .text($0.description) })),
    ])
  }

  private static func document(_ step: TopicStep) -> JSON {
    .object([
      .init("topic", .text(step.topic)), .init("role", .text(step.role.rawValue)), .init("action", .text(step.word)),
      .init("description", .text(step.description)),
    ])
  }

  private static func document(_ rule: AccessRule) -> JSON {
    .object([
      .init("user", .text(rule.user.rawValue)), .init("resource", .text(rule.resource.rawValue)),
      .init("name", .text(rule.name)), .init("pattern", .text(rule.pattern.rawValue)),
      .init("operations", .array(rule.operations.map(JSON.text))),
    ])
  }
}
