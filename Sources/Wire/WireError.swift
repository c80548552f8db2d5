/// Why a manifest, command, event or status is not what we read. Its sender must correct it: trying again does not
/// help.
package enum WireError: Error, Equatable, CustomStringConvertible {
  /// The bytes are not a JSON document, with the reason.
  case notJSON(String)
  /// Something at `path` is not what was expected. The path is dotted, `inputs[1].width`; empty for the document
  /// itself.
  case invalid(path: String, expected: String, found: String)

  /// `inputs[1].width: expected …, got …`.
  package var description: String {
    switch self {
    case .notJSON(let message): message
    case .invalid(let path, let expected, let found):
      path.isEmpty ? "expected \(expected), got \(found)" : "\(path): expected \(expected), got \(found)"
    }
  }
}
