import Domain
import Foundation

/// An event as one line for people.
enum EventLine {
  /// In the order in which a release takes them.
  private static let steps = ["fetch", "verify", "probe", "load", "gate", "warm", "switch"]

  /// `understudy/worker-0: release.live loan 2 (was 1) [load 12 ms, switch 3 ms]`.
  static func text(_ event: Event) -> String {
    var line = "\(event.group)/\(event.worker): \(event.type.rawValue)"
    let release = [event.model, event.version].compactMap(\.self).joined(separator: " ")
    if !release.isEmpty { line += " \(release)" }
    if let from = event.fromVersion { line += " (was \(from))" }
    if let timings = timings(event.timings) { line += " [\(timings)]" }
    if let reason = event.reason { line += " \(reason.rawValue)" }
    if let message = event.message { line += ": \(message)" }
    return line
  }

  private static func timings(_ timings: [String: Double]) -> String? {
    guard !timings.isEmpty else { return nil }
    let others = timings.keys.filter { !steps.contains($0) }.sorted()
    return (steps + others).compactMap { step in
      timings[step].map { "\(step) \(String(format: "%.0f", $0)) ms" }
    }.joined(separator: ", ")
  }
}
