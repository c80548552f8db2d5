import Domain

/// What answers are made for.
package enum AnswerStyle: Sendable {
  /// To be produced by a worker.
  case served
  /// To judge the release by: they show its outputs also where the guard withholds them.
  case judged
  /// To be kept: they carry the release's digest in place of a worker and its activations.
  case stored
  /// To train with: what the model is given, by the very stages that serve, in place of outputs; kept as `stored`.
  case features

  /// Who answers with a release.
  func origin(_ release: LoadedRelease, worker: String, generation: Int) -> ResponseOrigin {
    let identity = release.identity
    switch self {
    case .served, .judged:
      return ResponseOrigin(
        model: identity.model, version: identity.version, worker: worker, generation: generation,
        outputs: release.outputs, revealsWithheld: self == .judged)
    case .stored, .features:
      return ResponseOrigin(
        model: identity.model, version: identity.version, digest: identity.digest, worker: nil, generation: generation,
        outputs: self == .features ? release.modelInputs : release.outputs,
        outputsName: self == .features ? "features" : "outputs")
    }
  }

  /// How many of a release's stages are run.
  func stageCount(_ release: LoadedRelease) -> Int {
    self == .features ? release.featureStageCount : release.stages.count
  }
}
