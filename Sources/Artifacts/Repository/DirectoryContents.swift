import Domain

/// Reads files of releases that lie unpacked in a directory, and trusts none of them: a file may have changed since it
/// was verified.
package struct DirectoryContents: ReleaseContents {
  /// A reader.
  package init() {}

  package func bytes(of path: String, in release: StoredRelease, limit: Int) throws(Refusal) -> [UInt8] {
    let name = "\(release.identity), \(ArchivePath.quoted(path))"
    guard let entry = release.manifest.files.first(where: { $0.path == path }) else {
      throw Refusal(.digestMismatch, "\(name): expected a file that the manifest lists")
    }
    guard entry.size <= limit else {
      throw Refusal(.tooLarge, "\(name): expected at most \(limit) bytes, found \(entry.size)")
    }
    let bytes = try InputFile.bytes(of: "\(release.directory)/\(path)", limit: entry.size, else: .digestMismatch)
    guard bytes.count == entry.size else {
      throw Refusal(.digestMismatch, "\(name): expected \(entry.size) bytes, found \(bytes.count)")
    }
    let digest = Digest.sha256(bytes)
    guard digest == entry.sha256 else {
      throw Refusal(.digestMismatch, "\(name): expected sha256:\(entry.sha256), found sha256:\(digest)")
    }
    return bytes
  }
}
