import ArgumentParser
import Domain
import Foundation
import Wire

/// `understudy status`.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show every worker: what it serves, how far it is, what is held or paused.",
    discussion: """
      Read from the status topic, where each worker writes every 10 s and at each change. A line marked `!` serves another version than most.

      Examples:
        understudy status --bootstrap 127.0.0.1:9092
        understudy status --json | jq -r '.routes[].version'
      """)

  @Flag(help: "One JSON document a worker.")
  var json = false

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let target = try connection.target()
    let statuses = try await onThread("status") { try StatusReader.read(target) }
    if json {
      for status in statuses { Terminal.show(StatusCodec.json(status).line) }
    } else {
      Terminal.show(Self.table(statuses, now: WallClock.milliseconds))
    }
  }

  static func table(_ statuses: [WorkerStatus], now: Int64) -> String {
    guard !statuses.isEmpty else { return "no worker has told its status" }
    var table = TextTable("", "worker", "heard", "model", "live", "gen", "since", "lag", "answered", "errors", "notes")
    let usual = usualVersions(statuses)
    for status in statuses {
      let notes =
        status.held.sorted { $0.key < $1.key }.map { "held \($0.key): \($0.value)" }
        + status.paused.sorted { $0.key < $1.key }.map { "paused \($0.key): \($0.value)" }
      let heard = "\(max(0, now - status.updatedAt) / 1000) s ago"
      let answered = (status.counters["ok"] ?? 0) + (status.counters["partial"] ?? 0) + (status.counters["error"] ?? 0)
      let lag = status.lag.values.reduce(0, +)
      let routes = status.routes.isEmpty ? [nil] : status.routes.map(Optional.some)
      for route in routes {
        table.add(
          route.map { usual[$0.model] == $0.version ? "" : "!" } ?? "", "\(status.group)/\(status.slot)", heard,
          route?.model ?? "-", route?.version ?? "-", route.map { String($0.generation) } ?? "-",
          route.map { Timestamp.text($0.since / 1000 * 1000) } ?? "-", String(lag), String(answered),
          String(status.counters["error"] ?? 0), notes.joined(separator: "; "))
      }
    }
    return table.text
  }

  private static func usualVersions(_ statuses: [WorkerStatus]) -> [String: String] {
    var counts: [String: [String: Int]] = [:]
    for route in statuses.flatMap(\.routes) { counts[route.model, default: [:]][route.version, default: 0] += 1 }
    return counts.compactMapValues { $0.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key }
  }
}

/// `understudy releases`.
struct ReleasesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "releases",
    abstract: "Show the releases that the workers know: step, digest, since when, by which command.",
    discussion: """
      Examples:
        understudy releases --bootstrap 127.0.0.1:9092
        understudy releases --model breast-cancer --json
      """)

  @Option(help: "Only this model.")
  var model: String?

  @Flag(help: "One JSON document a release and worker.")
  var json = false

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let target = try connection.target()
    let statuses = try await onThread("status") { try StatusReader.read(target) }
    var table = TextTable("model", "version", "step", "worker", "since", "digest", "command", "why")
    for status in statuses {
      for release in status.releases where model == nil || release.model == model {
        if json {
          Terminal.show(Self.json(release, status).line)
          continue
        }
        let why = [release.reason?.rawValue, release.message].compactMap(\.self).joined(separator: ": ")
        table.add(
          release.model, release.version, release.step.rawValue, "\(status.group)/\(status.slot)",
          Timestamp.text(release.since / 1000 * 1000), String(release.digest.prefix(19)), release.commandID, why)
      }
    }
    if !json { Terminal.show(table.text) }
  }

  private static func json(_ release: WorkerStatus.Release, _ status: WorkerStatus) -> JSON {
    var json = JSON.object([
      .init("group", .text(status.group)), .init("worker", .text(status.slot)), .init("model", .text(release.model)),
      .init("version", .text(release.version)), .init("step", .text(release.step.rawValue)),
      .init("digest", .text(release.digest)), .init("since", .text(Timestamp.text(release.since))),
      .init("command_id", .text(release.commandID)),
    ])
    json.set("reason", toOptional: release.reason?.rawValue)
    json.set("message", toOptional: release.message)
    return json
  }
}
