import Domain
import Foundation

/// From an archive to a complete release.
extension DiskReleaseRepository {
  package func verify(_ release: ReleaseRecord) throws(Refusal) -> StoredRelease {
    let (archive, directory) = (try layout.archive(release), try layout.directory(release.identity))
    if FileSystem.isDirectory(directory) {
      let stored = try open(release.identity)
      FileSystem.remove(archive)
      return stored
    }
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
    do throws(Refusal) {
      try FileSystem.move(partial, to: directory)
    } catch {
      // Another thread may have come first with the same release.
      guard FileSystem.isDirectory(directory) else { throw error }
    }
    FileSystem.remove(archive)
    return StoredRelease(identity: release.identity, manifest: manifest, directory: directory)
  }
}
