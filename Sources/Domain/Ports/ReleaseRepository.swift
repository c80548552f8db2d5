/// The releases on this worker's disk.
///
/// Contract: calls block and are made off the lanes. A release is on disk completely or not at all: what a crash has
/// left half done is removed by `sweep` or done again.
package protocol ReleaseRepository: AnyObject, Sendable {
  /// Fetches an archive and checks its size and digest. Does nothing if it is already there.
  /// - Parameter giveUp: ends the fetch early, from any thread: it throws soon, and leaves nothing behind.
  func fetch(_ release: ReleaseRecord, giveUp: GiveUp) throws(Refusal)
  /// Unpacks a fetched archive, checks the manifest's digest and every file, and drops the archive.
  func verify(_ release: ReleaseRecord) throws(Refusal) -> StoredRelease
  /// A release that was verified before, to be loaded: the digests of its manifest and of its stages' files are checked
  /// once more. Its test sets are checked when they are read (`ReleaseContents`).
  func open(_ identity: ReleaseIdentity) throws(Refusal) -> StoredRelease
  /// Removes whatever there is of a release.
  func remove(_ release: ReleaseRecord)
  /// Removes everything that does not belong to one of these releases.
  func sweep(keeping releases: [ReleaseRecord])
}

/// A complete release in a directory.
package struct StoredRelease: Sendable, Equatable {
  package var identity: ReleaseIdentity
  package var manifest: Manifest
  /// Absolute path of the directory.
  package var directory: String

  /// A release on disk.
  package init(identity: ReleaseIdentity, manifest: Manifest, directory: String) {
    self.identity = identity
    self.manifest = manifest
    self.directory = directory
  }
}
