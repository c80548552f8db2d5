import Domain

/// Paths inside of a release.
enum ArchivePath {
  /// The manifest, which lists all others.
  static let manifest = "manifest.json"

  /// What keeps a path from being one inside of a release; nil if nothing does.
  static func problem(_ path: String) -> String? {
    guard !path.isEmpty else { return "expected a path, found none" }
    guard path.utf8.count <= Limits.pathBytes else {
      return "expected a path of at most \(Limits.pathBytes) bytes, found \(path.utf8.count)"
    }
    guard !path.hasPrefix("/") else { return "expected a relative path, found an absolute one" }
    guard !path.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 < 0x20 || $0 == 0x7F }) else {
      return "expected a path without backslashes and control characters"
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
      return "expected a path without empty, . and .. parts"
    }
    return nil
  }

  /// The order of files in a release: the manifest, then the others by the bytes of their paths.
  static func precedes(_ left: String, _ right: String) -> Bool {
    if left == manifest || right == manifest { return left == manifest && right != manifest }
    return left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  /// A text from outside as a message shows it: quoted, escaped and cut.
  static func quoted(_ text: String) -> String {
    var shown = String(text.unicodeScalars.prefix(Limits.quotedCharacters))
    if shown.unicodeScalars.count < text.unicodeScalars.count { shown += "…" }
    return String(reflecting: shown)
  }
}
