import Foundation

/// Where answers go: looked at before anything is written, since it may hold what somebody wants to keep.
struct AnswerPlace {
  /// The path as it was given.
  let path: String
  /// The file itself, links followed.
  let file: String
  /// Whether something is there.
  let exists: Bool
  /// Whether what is there can only be written to, from here on: standard output, a pipe, a device.
  let isStream: Bool

  /// Whether a path is standard output, by any of its names.
  static func isStandardOutput(_ path: String) -> Bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(path)
  }

  /// Looks at a path.
  /// - Parameter input: the file of rows.
  /// - Throws: `usage` for a folder, for a place in a folder that is not there, and for the file of rows itself.
  init(_ path: String, input: String) throws(CommandFailure) {
    self.path = path
    guard path != "-" else {
      (file, exists, isStream) = (path, true, true)
      return
    }
    exists = FileManager.default.fileExists(atPath: path)
    file = Self.resolved(path)
    guard exists else {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      guard FileManager.default.fileExists(atPath: folder) else {
        throw .usage("--output \(path): there is no folder \(folder)")
      }
      isStream = false
      return
    }
    // Of what has no name, such as a pipe, there are none.
    let attributes = try? FileManager.default.attributesOfItem(atPath: file)
    let type = attributes?[.type] as? FileAttributeType
    guard type != .typeDirectory else { throw .usage("--output \(path): is a folder; expected the name of a file") }
    isStream = type != .typeRegular
    guard isStream || input == "-" || Self.resolved(input) != file else {
      throw .usage("--output \(path): is the file of rows; answers need a file of their own")
    }
  }

  private static func resolved(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }
}
