/// The place of a stage in a release, in the order in which they run.
package enum StageRole: String, Sendable, Hashable, CaseIterable {
  /// Makes features of a request's fields.
  case features
  /// Makes predictions of features.
  case model
  /// Makes an answer of predictions.
  case scoring
  /// Tells how likely the answer is wrong, for the guard.
  case safeguard
}

/// What a manifest says of one stage.
package struct StageSpecification: Sendable, Equatable {
  /// Its place.
  package var role: StageRole
  /// Who runs it; `onnx` is the one engine so far.
  package var engine: String
  /// The file inside the release.
  package var file: String
  /// From the graph's input names to column names. Names left out stand for themselves.
  package var inputs: [String: String]
  /// From the graph's output names to column names. Names left out stand for themselves.
  package var outputs: [String: String]

  /// A specification.
  package init(
    role: StageRole, engine: String = "onnx", file: String, inputs: [String: String] = [:],
    outputs: [String: String] = [:]
  ) {
    self.role = role
    self.engine = engine
    self.file = file
    self.inputs = inputs
    self.outputs = outputs
  }
}
