import Domain

/// A release and its archive, as `pack` reports them and `publish` announces them.
package struct PackedRelease: Sendable, Equatable {
  /// Name, version, and the digest of the manifest as it is in the archive.
  package var identity: ReleaseIdentity
  /// Absolute path of the tar.
  package var archivePath: String
  /// `sha256:<hex>` of the tar.
  package var archiveDigest: String
  /// Bytes of the tar.
  package var archiveSize: Int64
  /// The files that the manifest lists now.
  package var files: [Manifest.FileEntry]

  /// A packed release.
  package init(
    identity: ReleaseIdentity, archivePath: String, archiveDigest: String, archiveSize: Int64,
    files: [Manifest.FileEntry]
  ) {
    self.identity = identity
    self.archivePath = archivePath
    self.archiveDigest = archiveDigest
    self.archiveSize = archiveSize
    self.files = files
  }
}
