/// Reads and completes `manifest.json`, so that the rooms that handle releases need not know its notation.
///
/// Contract: pure functions of their arguments; may be called from any thread.
package protocol ManifestCoding: Sendable {
  /// Reads and checks a manifest.
  /// - Throws: `bad_manifest` that names the field and what was expected.
  func decode(_ bytes: [UInt8]) throws(Refusal) -> Manifest
  /// The manifest's bytes with its list of files replaced, and the time if it had none; every other field stays as it
  /// was.
  /// - Parameter createdAt: RFC 3339 UTC.
  func filled(_ bytes: [UInt8], files: [Manifest.FileEntry], createdAt: String) throws(Refusal) -> [UInt8]
}
