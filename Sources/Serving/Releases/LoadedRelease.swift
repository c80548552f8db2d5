import Domain
import Synchronization

/// A release that can serve: its stages in memory, fitted to each other. Shared by lanes, immutable, freed when the
/// last routing snapshot and the last lane have let it go.
package final class LoadedRelease: Sendable {
  /// The release on disk.
  package let stored: StoredRelease
  /// Layout, bindings and outputs.
  package let fit: StageFit
  /// What decoders need.
  package let schema: RequestSchema
  let stages: [any Stage]
  /// What its outputs must be.
  let checks: OutputChecks
  private let foundRunSize = Mutex(RunSize())

  /// Loads the stages of a release on disk and fits them to each other.
  ///
  /// Blocks; call it off the lanes.
  /// - Throws: `load_failed` or `stage_mismatch`.
  package init(_ stored: StoredRelease, loader: any StageLoader) throws(Refusal) {
    self.stored = stored
    var stages: [any Stage] = []
    for specification in stored.manifest.stages {
      let digest = stored.manifest.files.first { $0.path == specification.file }?.sha256 ?? specification.file
      do throws(StageLoadError) {
        stages.append(
          try loader.load(
            engine: specification.engine, path: "\(stored.directory)/\(specification.file)", sha256: digest))
      } catch {
        switch error {
        case .loadFailed(let message): throw Refusal(.loadFailed, "\(specification.file): \(message)")
        case .unreadable(let message):
          throw Refusal(.loadFailed, "\(specification.file): \(message)", mayRetry: true)
        case .unusable(let message): throw Refusal(.stageMismatch, "\(specification.file): \(message)")
        }
      }
    }
    self.stages = stages
    fit = try StageFit(manifest: stored.manifest, signatures: stages.map(\.signature))
    checks = OutputChecks(stored.manifest.outputs)
    schema = RequestSchema(
      inputs: stored.manifest.inputs, unknownFields: stored.manifest.unknownFields,
      outputs: stored.manifest.outputs.map(\.column), maximumRows: stored.manifest.maximumRows)
  }

  /// Which release.
  package var identity: ReleaseIdentity { stored.identity }
  /// Its manifest.
  package var manifest: Manifest { stored.manifest }

  /// How many rows a run takes, as it was found last; lanes that begin with the release begin with it.
  package var runSize: RunSize { foundRunSize.withLock { $0 } }

  /// Keeps what a lane has found, or what is given.
  package func keep(_ runSize: RunSize) { foundRunSize.withLock { $0 = runSize } }

  /// Stages that run before the model.
  var featureStageCount: Int { manifest.stages.firstIndex { $0.role == .model } ?? 0 }

  /// What the model is given: features, or inputs where no stage comes before it, with their places in `Columns`.
  package var modelInputs: [(column: ColumnDescriptor, position: Int)] {
    fit.bindings[featureStageCount].inputs.map { (fit.layout[$0], $0) }
  }

  /// The outputs of an answer with their places in `Columns`.
  package var outputs: [(column: ColumnDescriptor, position: Int)] {
    zip(manifest.outputs, fit.outputs).map { ($0.column, $1) }
  }
}
