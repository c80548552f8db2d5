/// Who answers: the same for all requests that one release of one worker answers, so that an encoder can keep it as
/// ready text.
package final class ResponseOrigin: Sendable {
  /// The model's name.
  package let model: String
  /// The version; nil when no release answers.
  package let version: String?
  /// The release's digest, where answers are to carry it.
  package let digest: String?
  /// The worker's slot; nil where no worker answers.
  package let worker: String?
  /// Activations of this model on this worker so far.
  package let generation: Int
  /// The answer's outputs and the position of each in the release's `Columns`.
  package let outputs: [(column: ColumnDescriptor, position: Int)]
  /// What answers call their outputs.
  package let outputsName: String
  /// Whether answers show the outputs that the guard withholds, for those who judge the release.
  package let revealsWithheld: Bool

  /// An origin.
  package init(
    model: String, version: String?, digest: String? = nil, worker: String?, generation: Int,
    outputs: [(column: ColumnDescriptor, position: Int)] = [], outputsName: String = "outputs",
    revealsWithheld: Bool = false
  ) {
    self.model = model
    self.version = version
    self.digest = digest
    self.worker = worker
    self.generation = generation
    self.outputs = outputs
    self.outputsName = outputsName
    self.revealsWithheld = revealsWithheld
  }
}
