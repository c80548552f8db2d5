/// Inputs with the outputs that they must give, as a manifest declares them.
package struct EndToEndSet: Sendable, Equatable {
  /// The file inside the release: JSON lines of `{"inputs":{…},"outputs":{…}}`.
  package var file: String
  /// Numbers may differ by this share of the expected one …
  package var relativeTolerance: Double
  /// … or by this much, whichever allows more. Integers, truth values and texts must be equal.
  package var absoluteTolerance: Double

  /// A declaration.
  package init(file: String, relativeTolerance: Double = 1e-4, absoluteTolerance: Double = 1e-6) {
    self.file = file
    self.relativeTolerance = relativeTolerance
    self.absoluteTolerance = absoluteTolerance
  }
}
