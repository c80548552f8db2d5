import Domain
import Foundation

/// Writes the files of an archive into a directory of its own.
enum Unpacker {
  /// Unpacks an archive into a directory that must not exist yet; files get mode 0600, directories 0700, and all is
  /// brought to disk.
  /// - Returns: what was written, by path.
  /// - Throws: `unsafe_archive`, `too_large`, `out_of_disk` or `fetch_failed`; what was written by then stays for the
  ///   caller to remove.
  static func unpack(_ archive: String, into directory: String) throws(Refusal) -> [String: OutputFile.Content] {
    try FileSystem.makeFreshDirectory(directory)
    let reader = try TarReader(archive)
    var contents: [String: OutputFile.Content] = [:]
    var directories: Set<String> = []
    while let entry = try reader.next() {
      let name = ArchivePath.quoted(entry.path)
      guard contents[entry.path] == nil else {
        throw Refusal(.unsafeArchive, "\(archive), \(name): expected each path once, found it again")
      }
      guard !directories.contains(entry.path) else {
        throw Refusal(.unsafeArchive, "\(archive), \(name): expected a file, found a directory of the same path")
      }
      for parent in parents(of: entry.path) where !directories.contains(parent) {
        guard contents[parent] == nil else {
          throw Refusal(.unsafeArchive, "\(archive), \(name): \(ArchivePath.quoted(parent)) is a file, not a directory")
        }
        try FileSystem.makeFreshDirectory("\(directory)/\(parent)")
        directories.insert(parent)
      }
      let output = try OutputFile(creating: "\(directory)/\(entry.path)", exists: .unsafeArchive)
      try reader.readContent { piece throws(Refusal) in try output.write(piece) }
      contents[entry.path] = try output.finish()
    }
    for parent in directories { try FileSystem.synchronize(directory: "\(directory)/\(parent)") }
    try FileSystem.synchronize(directory: directory)
    return contents
  }

  /// `a` and `a/b` of `a/b/c`.
  private static func parents(of path: String) -> [String] {
    let parts = path.split(separator: "/").dropLast()
    return parts.indices.map { parts[...$0].joined(separator: "/") }
  }
}
