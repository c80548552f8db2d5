/// What answers a row whose own release could not: one step of a model's list in the worker's configuration.
package enum FallbackStep: Sendable, Hashable, LosslessStringConvertible {
  /// The release that was live before.
  case previous
  /// The live release of another model.
  case model(String)
  /// The constant of the manifest's guard.
  case constant

  /// As the configuration writes it.
  package var description: String {
    switch self {
    case .previous: "previous"
    case .model(let name): "model:\(name)"
    case .constant: "constant"
    }
  }

  /// Reads a step; nil if the text is none.
  package init?(_ text: String) {
    switch text {
    case "previous": self = .previous
    case "constant": self = .constant
    default:
      guard text.hasPrefix("model:") else { return nil }
      let name = String(text.dropFirst("model:".count))
      guard ReleaseIdentity.isValidName(name) else { return nil }
      self = .model(name)
    }
  }
}
