import Domain
import Foundation

/// From an archive to a complete release.
extension DiskReleaseRepository {
  package func verify(_ release: ReleaseRecord) throws(Refusal) -> StoredRelease {
    let (archive, directory) = (try layout.archive(release), try layout.directory(release.identity))
    let stored = try open(release, or: archive, in: directory)
    FileSystem.remove(archive)
    return stored
  }

  private func open(
    _ release: ReleaseRecord, or archive: String, in directory: String
  ) throws(Refusal) -> StoredRelease {
    if FileSystem.isDirectory(directory) { return try open(release.identity) }
    do throws(Refusal) {
      return try unpack(release, archive, to: directory)
    } catch {
      // Another thread may have come first with the same release, and taken the archive away.
      guard FileSystem.isDirectory(directory) else { throw error }
      return try open(release.identity)
    }
  }

  private func unpack(
    _ release: ReleaseRecord, _ archive: String, to directory: String
  ) throws(Refusal) -> StoredRelease {
    // An archive that another announcement has shared may be gone with it; `fetch` does nothing if it is there.
    try fetch(release)
    let partial = try begin(directory)
    defer { end(partial) }
    let contents = try Unpacker.unpack(archive, into: partial)
    guard contents[ArchivePath.manifest] != nil else {
      throw Refusal(.badManifest, "archive of \(release.identity): expected a manifest.json, found none")
    }
    let manifest = try ReleaseFiles.manifest(of: release.identity, in: partial, manifests: manifests)
    try ReleaseFiles.check(contents, against: manifest)
    try FileSystem.move(partial, to: directory)
    return StoredRelease(identity: release.identity, manifest: manifest, directory: directory)
  }
}
