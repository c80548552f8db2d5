import Foundation
import Synchronization

/// A directory of one test, and where the project's files are.
final class Workplace: Sendable {
  let path: String
  private let isKept = Atomic<Bool>(false)

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("worker-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  /// A directory that stays.
  init(keeping path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    self.path = URL(fileURLWithPath: path).path
    keep()
  }

  /// It is to stay, for somebody to look at.
  func keep() { isKept.store(true, ordering: .relaxed) }

  deinit { if !isKept.load(ordering: .relaxed) { try? FileManager.default.removeItem(atPath: path) } }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let url = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    return url.path
  }

  /// Names below a directory of this place; none if there is no such directory.
  func names(_ directory: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(directory)")) ?? []).sorted()
  }
}

/// Where things lie in the project.
enum Project {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The program, built beside the tests.
  static let program: String = {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let beside = tests.appendingPathComponent("understudy").path
    return FileManager.default.isExecutableFile(atPath: beside) ? beside : "\(root)/.build/debug/understudy"
  }()

  static func fixture(_ name: String) -> String { "\(root)/Tests/Fixtures/onnx/\(name)" }
}
