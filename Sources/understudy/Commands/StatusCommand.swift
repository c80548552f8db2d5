import ArgumentParser
import Domain
import Wire

/// `understudy status`.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show every worker: what it serves, how far it is, what is held or paused.",
    discussion: """
      Read from the status topic, where each worker writes every 10 s and at each change. A line marked `!` serves another version than most, or
      nothing any more because its release failed its gate; below the table stands who serves what. A worker that was not heard of for 30 s is stale.

      Examples:
        understudy status --bootstrap 127.0.0.1:9092
        understudy status --json | jq -r '.routes[].version'
        understudy status --json | jq -r 'select(.stale or .stopped != {}) | .slot'
      """)

  @Flag(help: "One JSON document a worker.")
  var json = false

  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let target = try connection.target()
    let statuses = try await onThread("status") { try StatusReader.read(target) }
    let now = WallClock.milliseconds
    if json {
      for status in statuses {
        var document = StatusCodec.json(status)
        document.set("stale", to: .bool(status.isStale(at: now)))
        Terminal.show(document.line)
      }
    } else {
      Terminal.show(StatusTable(statuses, now: now).text)
    }
  }
}
