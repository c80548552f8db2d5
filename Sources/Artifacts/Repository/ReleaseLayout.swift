import Domain

/// Where the parts of a release lie below the root. Names are made of checked digests only, never of what a release
/// says of itself.
struct ReleaseLayout: Sendable {
  let root: String

  /// Archives that are not unpacked yet.
  var incoming: String { "\(root)/incoming" }

  /// The archive of a release.
  func archive(_ release: ReleaseRecord) throws(Refusal) -> String {
    guard let hex = Digest.hex(release.archiveDigest) else { throw malformed(release.archiveDigest) }
    return "\(incoming)/\(hex).tar"
  }

  /// The directory of a release.
  func directory(_ identity: ReleaseIdentity) throws(Refusal) -> String {
    guard let hex = Digest.hex(identity.digest) else { throw malformed(identity.digest) }
    return "\(root)/\(hex)"
  }

  private func malformed(_ digest: String) -> Refusal {
    Refusal(.malformed, "digest \(ArchivePath.quoted(digest)): expected sha256: and 64 lowercase hexadecimal digits")
  }
}
