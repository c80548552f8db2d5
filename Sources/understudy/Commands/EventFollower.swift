import Domain
import Foundation
import Kafka
import Wire

/// Follows what workers make of one command, from before it was sent.
final class EventFollower {
  private let reader: TopicReader

  init(_ target: ConnectionOptions.Target) throws {
    let probe = try TopicReader(
      properties: target.properties, group: target.group, topic: target.topics.events, start: .end,
      logger: target.logger)
    let end = try probe.watermarks().high
    probe.close()
    reader = try TopicReader(
      properties: target.properties, group: target.group, topic: target.topics.events, start: .offset(end),
      logger: target.logger)
  }

  /// Shows each event of the command as it comes, until every worker has ended it.
  /// - Throws: `CommandFailure.failed` with those that refused, or that have not answered in time.
  func wait(for command: String, workers: [WorkerStatus], timeout: Duration, output: Output) throws {
    defer { reader.close() }
    var waiting = Set(workers.map { "\($0.group)/\($0.slot)" })
    var failures: [String] = []
    var seen: Set<String> = []
    let deadline = ContinuousClock.now + timeout
    while !waiting.isEmpty {
      guard ContinuousClock.now < deadline else {
        throw CommandFailure.failed(
          "not heard in time from \(waiting.sorted().joined(separator: ", ")); the command stays valid: see `understudy status`"
        )
      }
      guard case .record(let record) = try reader.next(timeoutMilliseconds: 100) else { continue }
      guard let event = try? EventCodec.decode(record), event.commandID == command, seen.insert(event.id).inserted
      else { continue }
      show(event, record, output)
      guard event.type.endsCommand else { continue }
      let worker = "\(event.group)/\(event.worker)"
      waiting.remove(worker)
      if event.type != .commandApplied {
        failures.append("\(worker): \(event.reason?.rawValue ?? "failed"): \(event.message ?? "")")
      }
    }
    if !failures.isEmpty { throw CommandFailure.failed(failures.sorted().joined(separator: "\n")) }
  }

  /// How events are shown.
  enum Output {
    case lines
    case json
    case none
  }

  private func show(_ event: Event, _ record: TopicRecord, _ output: Output) {
    if output == .none { return }
    if output == .json {
      Terminal.show(String(decoding: record.value ?? [], as: UTF8.self))
      return
    }
    var line = "\(event.group)/\(event.worker): \(event.type.rawValue)"
    if let version = event.version { line += " \(event.model ?? "") \(version)" }
    if let from = event.fromVersion { line += " (was \(from))" }
    let timings = event.timings.sorted { $0.key < $1.key }.map { "\($0.key) \(Int($0.value.rounded())) ms" }
    if !timings.isEmpty { line += " [\(timings.joined(separator: ", "))]" }
    if let reason = event.reason { line += " \(reason.rawValue)" }
    if let message = event.message { line += ": \(message)" }
    Terminal.show(line)
  }
}
