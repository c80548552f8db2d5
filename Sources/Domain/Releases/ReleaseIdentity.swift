/// Which release: the model's name, the version and the digest of the manifest.
package struct ReleaseIdentity: Sendable, Hashable, CustomStringConvertible {
  /// The model's name.
  package var model: String
  /// The version, immutable once announced.
  package var version: String
  /// `sha256:<hex>` of `manifest.json`.
  package var digest: String

  /// An identity.
  package init(model: String, version: String, digest: String) {
    self.model = model
    self.version = version
    self.digest = digest
  }

  /// As logs show it: `car-loan 2026.11.1`.
  package var description: String { "\(model) \(version)" }

  /// Whether a text may be the name of a model or a version: letters, digits, dot, underscore and hyphen, not starting
  /// with a dot, at most `Limits.nameCharacters`. Such a name is safe as a path, a key and a header.
  package static func isValidName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= Limits.nameCharacters && !text.hasPrefix(".")
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
