import Deployment
import Domain
import Serving
import Synchronization

/// A release of one fake stage with its test sets, and the gate that it stands before.
struct GateBench {
  var manifest: Manifest
  var stage: GateStage
  var endToEnd = #"{"inputs":{"age":40,"state":"FL"},"outputs":{"score":0.4,"label":"no"}}"#
  var confidence: String
  var policy = GatePolicy()
  var clock = GateClock.system
  /// In place of what the files hold.
  var failure: Refusal?

  /// A release that passes: scores are ages in hundredths, ages from 50 on are labelled `yes`.
  init(version: String = "2", stage: GateStage = .threshold()) {
    self.stage = stage
    manifest = Manifest(
      name: "loan", version: version,
      inputs: [
        InputSpecification(column: .init(name: "age", datatype: .float32), minimum: 0, maximum: 100),
        InputSpecification(
          column: .init(name: "state", datatype: .bytes), isOptional: true, defaultValue: .text("NY")),
      ],
      outputs: [
        OutputSpecification(column: .init(name: "score", datatype: .float32)),
        OutputSpecification(column: .init(name: "label", datatype: .bytes)),
      ],
      stages: [StageSpecification(role: .model, file: "model.onnx")],
      endToEndSet: EndToEndSet(file: "e.jsonl", relativeTolerance: 0, absoluteTolerance: 0),
      confidenceSet: ConfidenceSet(
        file: "c.jsonl", metric: .rocAUC, prediction: "score", positiveLabel: .text("yes"), acceptableRange: 0.9...1))
    confidence = Self.rows((0..<20).map { (Float($0 * 5), $0 >= 10 ? "yes" : "no", "FL") })
  }

  /// Lines of a confidence set.
  static func rows(_ rows: [(age: Float, label: String, state: String)]) -> String {
    rows.map { #"{"inputs":{"age":\#($0.age),"state":"\#($0.state)"},"label":"\#($0.label)"}"# }
      .joined(separator: "\n")
  }

  /// Changes the declared set.
  mutating func change(_ body: (inout ConfidenceSet) -> Void) {
    guard var set = manifest.confidenceSet else { return }
    body(&set)
    manifest.confidenceSet = set
  }

  func load() throws -> (LoadedRelease, StoredRelease) {
    let stored = StoredRelease(
      identity: ReleaseIdentity(model: manifest.name, version: manifest.version, digest: "sha256:\(manifest.version)"),
      manifest: manifest, directory: "/releases/\(manifest.version)")
    return (try LoadedRelease(stored, loader: GateStageLoader(stage: stage)), stored)
  }

  private var gate: ValidityGate {
    ValidityGate(
      policy: policy, contents: FakeContents(files: ["e.jsonl": endToEnd, "c.jsonl": confidence], failure: failure),
      clock: clock)
  }

  func sets() throws -> GateReport {
    let (release, stored) = try load()
    return gate.examineSets(release, stored)
  }

  func all(against live: GateBench? = nil) throws -> GateReport {
    let (release, stored) = try load()
    return gate.examine(release, stored, against: try live?.load())
  }
}

/// Files in memory.
struct FakeContents: ReleaseContents {
  var files: [String: String]
  var failure: Refusal?

  func bytes(of path: String, in release: StoredRelease, limit: Int) throws(Refusal) -> [UInt8] {
    if let failure { throw failure }
    guard let text = files[path] else { throw Refusal(.digestMismatch, "there is no \(path)") }
    return Array(text.utf8)
  }
}
