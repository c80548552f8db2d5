import Foundation

/// The package's own files, found from where this one lies.
enum SourceTree {
  struct File {
    /// From the package's directory, with `/`.
    let path: String
    let text: String
  }

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static func text(of path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// Names of the directories in a directory.
  static func directories(in path: String) throws -> Set<String> {
    let entries = try FileManager.default.contentsOfDirectory(
      at: root.appendingPathComponent(path), includingPropertiesForKeys: [.isDirectoryKey])
    return Set(
      try entries.filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
        .map(\.lastPathComponent))
  }

  /// Every Swift file below a directory.
  static func swiftFiles(below path: String) throws -> [File] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(path).path)
    return try names.filter { $0.hasSuffix(".swift") }.sorted().map { name in
      File(path: "\(path)/\(name)", text: try text(of: "\(path)/\(name)"))
    }
  }

  /// What a rule finds in the Swift files below a directory, each with its file.
  static func findings(below path: String, except exempt: [String] = [], _ rule: (String) -> [String]) throws
    -> [String]
  {
    try swiftFiles(below: path).filter { file in !exempt.contains { file.path.hasPrefix($0) } }
      .flatMap { file in rule(file.text).map { "\(file.path): \($0)" } }
  }
}
