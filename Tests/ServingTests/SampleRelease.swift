import Domain
import Serving

/// Releases of fake stages: input `age` (FP32, 0 to 1000), output `score` (FP32).
enum SampleRelease {
  /// The file of a stage.
  static func file(_ role: StageRole) -> String { "\(role.rawValue).onnx" }

  /// A manifest with one stage for each role given.
  static func manifest(_ name: String, _ version: String, roles: [StageRole] = [.model]) -> Manifest {
    Manifest(
      name: name, version: version,
      inputs: [InputSpecification(column: .init(name: "age", datatype: .float32), minimum: 0, maximum: 1000)],
      outputs: [OutputSpecification(column: .init(name: "score", datatype: .float32))],
      stages: roles.map { StageSpecification(role: $0, file: file($0)) })
  }

  /// A release of these stages, in the order of the roles.
  static func load(
    _ version: String, _ stages: [(StageRole, FakeStage)] = [(.model, FakeStage())], model name: String = "loan"
  ) throws -> LoadedRelease {
    let manifest = manifest(name, version, roles: stages.map(\.0))
    let files = Dictionary(uniqueKeysWithValues: stages.map { (file($0.0), $0.1) })
    let identity = ReleaseIdentity(model: name, version: version, digest: "sha256:\(version)")
    return try LoadedRelease(
      StoredRelease(identity: identity, manifest: manifest, directory: "/releases/\(version)"),
      loader: FakeStageLoader(stages: files))
  }
}
