import Domain
import Foundation
import Synchronization
import Wire

/// What happened when, a line of JSON each, in a file that outlives a failure.
final class ChaosHistory: Sendable {
  let directory: String
  private let file: Mutex<FileHandle>
  private let began = ContinuousClock.now

  init(in directory: String) throws {
    self.directory = directory
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let path = "\(directory)/history.jsonl"
    try Data().write(to: URL(fileURLWithPath: path))
    file = Mutex(try FileHandle(forWritingTo: URL(fileURLWithPath: path)))
  }

  /// Seconds since the beginning.
  var now: Double { began.duration(to: .now) / .seconds(1) }

  func note(_ what: String, _ facts: (String, String)...) {
    let document = JSON.object(
      [.init("at", .number((now * 1000).rounded() / 1000)), .init("what", .text(what))]
        + facts.map { .init($0, .text($1)) })
    file.withLock { try? $0.write(contentsOf: Data(document.bytes + [10])) }
  }

  /// Writes a table beside it.
  func write(_ name: String, _ lines: some Sequence<String>) {
    var text = ""
    for line in lines { text += line + "\n" }
    try? Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
  }
}
