import Domain

/// A release in a directory whose files were checked before, by `DiskReleaseRepository` in another process.
package enum VerifiedRelease {
  /// Reads the manifest, and checks the stages' files once more.
  package static func open(_ directory: String, manifests: any ManifestCoding) throws(Refusal) -> StoredRelease {
    let (manifest, digest) = try ReleaseFiles.manifest(in: directory, manifests: manifests)
    try ReleaseFiles.checkStages(of: manifest, in: directory)
    return StoredRelease(
      identity: ReleaseIdentity(model: manifest.name, version: manifest.version, digest: digest), manifest: manifest,
      directory: directory)
  }
}
