/// Reads files of a release that is on disk.
///
/// Contract: blocks; called off the lanes, from any thread.
package protocol ReleaseContents: Sendable {
  /// A file's bytes, if they are still those that the manifest lists.
  /// - Throws: `digest_mismatch` if they are not, or cannot be read; `too_large` for more than `limit` bytes.
  func bytes(of path: String, in release: StoredRelease, limit: Int) throws(Refusal) -> [UInt8]
}
