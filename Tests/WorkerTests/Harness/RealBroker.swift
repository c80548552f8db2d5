import Foundation
import Synchronization
import Testing

/// The broker that `KAFKA_BOOTSTRAP_SERVERS` names, for what the embedded one does not model.
enum RealBroker {
  static let address = ProcessInfo.processInfo.environment["KAFKA_BOOTSTRAP_SERVERS"]
  private static let recorded = Mutex<Set<String>>([])

  /// Whether a promise can be proved here. If not, it is written down once: a line `unproved here: …` in the file that
  /// `UNDERSTUDY_UNPROVED` names, or on stderr.
  static func require(_ promise: String) -> Bool { note(promise, isProvable: address != nil) }

  /// The same for what needs something else.
  static func note(_ promise: String, isProvable: Bool) -> Bool {
    if isProvable { return true }
    guard recorded.withLock({ $0.insert(promise).inserted }) else { return false }
    let line = Data("unproved here: \(promise)\n".utf8)
    if let path = ProcessInfo.processInfo.environment["UNDERSTUDY_UNPROVED"] {
      if !FileManager.default.fileExists(atPath: path) {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
      }
      guard let file = FileHandle(forWritingAtPath: path) else { return false }
      defer { try? file.close() }
      _ = try? file.seekToEnd()
      try? file.write(contentsOf: line)
    } else {
      FileHandle.standardError.write(line)
    }
    return false
  }
}

extension Trait where Self == ConditionTrait {
  /// Runs a test with a real broker only; without one its promise is recorded as unproved.
  static func realBroker(_ promise: String) -> Self {
    .enabled("needs KAFKA_BOOTSTRAP_SERVERS") { RealBroker.require(promise) }
  }
}
