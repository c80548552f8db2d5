import Domain
import Foundation

/// A release that a person names, a directory or a tar, opened to be looked at: by `check`, `diff`, `score` and
/// `publish`.
///
/// A tar is unpacked, by the same code as in a worker, into a temporary directory that goes away with this object.
package final class ReleaseSource: Sendable {
  /// The archive of a release.
  package struct Archive: Sendable, Equatable {
    /// Absolute path.
    package var path: String
    /// `sha256:<hex>`.
    package var digest: String
    /// Bytes.
    package var size: Int64

    /// The tar that was packed.
    package init(_ packed: PackedRelease) {
      self.init(path: packed.archivePath, digest: packed.archiveDigest, size: packed.archiveSize)
    }

    init(path: String, digest: String, size: Int64) {
      self.path = path
      self.digest = digest
      self.size = size
    }
  }

  /// The release, every file checked against the manifest.
  package let release: StoredRelease
  /// The tar; nil for a directory, which `ReleasePacker` makes one of.
  package let archive: Archive?
  private let temporaryDirectory: String?

  /// Opens a release.
  /// - Throws: what a worker would refuse it for; `bad_manifest` for a directory that was not packed or has changed
  ///   since.
  package init(_ path: String, manifests: any ManifestCoding) throws(Refusal) {
    guard let resolved = FileSystem.resolved(path) else {
      throw Refusal(.fetchFailed, "\(path): expected the directory or the tar of a release: \(FileSystem.errorText())")
    }
    if FileSystem.isDirectory(resolved) {
      try ReleasePacker.expectManifest(in: path, resolved)
      release = try Self.inspect(resolved, manifests: manifests)
      archive = nil
      temporaryDirectory = nil
      return
    }
    let file = try InputFile(resolved)
    guard file.size <= Int64(Limits.archiveBytes) else {
      throw Refusal(.tooLarge, "\(path): expected at most \(Limits.archiveBytes) bytes, found \(file.size)")
    }
    archive = Archive(path: resolved, digest: Digest.named(try Digest.sha256(ofFile: resolved)), size: file.size)
    let directory = "\(FileManager.default.temporaryDirectory.path)/understudy-\(UUID().uuidString)"
    do {
      let contents = try Unpacker.unpack(resolved, into: directory)
      let (manifest, digest) = try ReleaseFiles.manifest(in: directory, manifests: manifests)
      try ReleaseFiles.check(contents, against: manifest)
      release = StoredRelease(
        identity: ReleaseIdentity(model: manifest.name, version: manifest.version, digest: digest),
        manifest: manifest, directory: directory)
    } catch {
      FileSystem.remove(directory)
      throw error
    }
    temporaryDirectory = directory
  }

  deinit {
    if let temporaryDirectory { FileSystem.remove(temporaryDirectory) }
  }

  private static func inspect(_ directory: String, manifests: any ManifestCoding) throws(Refusal) -> StoredRelease {
    let (manifest, digest) = try ReleaseFiles.manifest(in: directory, manifests: manifests)
    guard !manifest.files.isEmpty else {
      throw Refusal(
        .badManifest, "\(directory)/manifest.json lists no files: run `understudy pack \(directory)` first")
    }
    for file in manifest.files {
      let path = "\(directory)/\(file.path)"
      let size = try InputFile(path, else: .badManifest).size
      guard size == Int64(file.size), try Digest.sha256(ofFile: path) == file.sha256 else {
        throw Refusal(
          .digestMismatch, "\(path) is not what the manifest lists: run `understudy pack \(directory)` after changes")
      }
    }
    return StoredRelease(
      identity: ReleaseIdentity(model: manifest.name, version: manifest.version, digest: digest),
      manifest: manifest, directory: directory)
  }
}
