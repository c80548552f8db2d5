import Domain

/// The checks that a release on disk must pass.
enum ReleaseFiles {
  /// The manifest of a directory with its digest, `sha256:<hex>`.
  static func manifest(
    in directory: String, manifests: any ManifestCoding
  ) throws(Refusal) -> (manifest: Manifest, digest: String) {
    let bytes = try InputFile.bytes(
      of: "\(directory)/\(ArchivePath.manifest)", limit: Limits.manifestBytes, else: .badManifest)
    return (try manifests.decode(bytes), Digest.named(Digest.sha256(bytes)))
  }

  /// The manifest of a directory, which must be that of an announced release.
  ///
  /// The digest is checked before the manifest is decoded: nothing reads what was not announced.
  static func manifest(
    of identity: ReleaseIdentity, in directory: String, manifests: any ManifestCoding
  ) throws(Refusal) -> Manifest {
    let bytes = try InputFile.bytes(
      of: "\(directory)/\(ArchivePath.manifest)", limit: Limits.manifestBytes, else: .badManifest)
    let digest = Digest.named(Digest.sha256(bytes))
    guard digest == identity.digest else {
      throw Refusal(.digestMismatch, "manifest.json of \(identity): expected \(identity.digest), found \(digest)")
    }
    let manifest = try manifests.decode(bytes)
    guard manifest.name == identity.model, manifest.version == identity.version else {
      throw Refusal(
        .badManifest,
        "manifest.json: expected \(identity), as announced, found \(manifest.name) \(manifest.version)")
    }
    return manifest
  }

  /// Every file that the manifest lists must be there as it is listed, every file that it names must be listed, and
  /// nothing else may be there.
  static func check(_ contents: [String: OutputFile.Content], against manifest: Manifest) throws(Refusal) {
    let release = "\(manifest.name) \(manifest.version)"
    for file in manifest.files {
      let name = ArchivePath.quoted(file.path)
      guard let content = contents[file.path] else {
        throw Refusal(.badManifest, "\(release): \(name) is in the manifest, but not in the archive")
      }
      guard content.size == Int64(file.size) else {
        throw Refusal(.digestMismatch, "\(release), \(name): expected \(file.size) bytes, found \(content.size)")
      }
      guard content.sha256 == file.sha256 else {
        throw Refusal(
          .digestMismatch, "\(release), \(name): expected sha256:\(file.sha256), found sha256:\(content.sha256)")
      }
    }
    let listed = Set(manifest.files.map(\.path))
    for path in manifest.referencedFiles where !listed.contains(path) {
      throw Refusal(
        .badManifest, "\(release): \(ArchivePath.quoted(path)) is named by the manifest, but not listed in its files")
    }
    for path in contents.keys.sorted() where path != ArchivePath.manifest && !listed.contains(path) {
      throw Refusal(.badManifest, "\(release): \(ArchivePath.quoted(path)) is in the archive, but not in the manifest")
    }
  }

  /// The stages' files of a release that is opened to be loaded: the disk may have changed them since they were
  /// verified, and what the graphs compute would be wrong without a sign. The bytes are read right afterwards anyway,
  /// then from the system's cache.
  /// - Throws: `digest_mismatch` with the file's name.
  static func checkStages(of manifest: Manifest, in directory: String) throws(Refusal) {
    for path in Set(manifest.stages.map(\.file)).sorted() {
      let name = "\(manifest.name) \(manifest.version), \(ArchivePath.quoted(path))"
      guard let file = manifest.files.first(where: { $0.path == path }) else {
        throw Refusal(.digestMismatch, "\(name): expected a file that the manifest lists")
      }
      let digest = try Digest.sha256(ofFile: "\(directory)/\(path)", else: .digestMismatch)
      guard digest == file.sha256 else {
        throw Refusal(.digestMismatch, "\(name): expected sha256:\(file.sha256), found sha256:\(digest)")
      }
    }
  }
}
