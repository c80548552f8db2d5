import Domain
import Serving
import Testing

struct StageFitTests {
  static func column(_ name: String, _ datatype: Datatype = .float32, _ width: Int = 1) -> ColumnDescriptor {
    ColumnDescriptor(name: name, datatype: datatype, width: width)
  }

  /// A release with the inputs `age` and `income` (FP32) and one output.
  static func manifest(
    inputs: [ColumnDescriptor] = [column("age"), column("income")], output: ColumnDescriptor = column("p"),
    _ stages: StageSpecification...
  ) -> Manifest {
    Manifest(
      name: "loan", version: "1", inputs: inputs.map { InputSpecification(column: $0) },
      outputs: [OutputSpecification(column: output)], stages: stages)
  }

  static let features = StageSpecification(role: .features, file: "features.onnx")
  static let model = StageSpecification(role: .model, file: "model.onnx")
  static let featuresSignature = StageSignature(
    inputs: [column("age"), column("income")], outputs: [column("features", .float32, 8)])

  @Test func `P2: stages find their columns by name, the layout is inputs then outputs`() throws {
    let signature = StageSignature(inputs: [Self.column("features", .float32, 8)], outputs: [Self.column("p")])
    let fit = try StageFit(
      manifest: Self.manifest(Self.features, Self.model), signatures: [Self.featuresSignature, signature])
    #expect(fit.layout.map(\.name) == ["age", "income", "features", "p"])
    #expect(fit.bindings == [.init(inputs: [0, 1], outputs: [2]), .init(inputs: [2], outputs: [3])])
    #expect(fit.outputs == [3])
  }

  @Test func `a mapping renames inputs and outputs`() throws {
    let stage = StageSpecification(role: .model, file: "model.onnx", inputs: ["X": "income"], outputs: ["Y": "p"])
    let signature = StageSignature(inputs: [Self.column("X")], outputs: [Self.column("Y")])
    let fit = try StageFit(manifest: Self.manifest(stage), signatures: [signature])
    #expect(fit.bindings == [.init(inputs: [1], outputs: [2])])
    #expect(fit.layout[2] == Self.column("p"))
  }

  @Test func `one input and one column left need no mapping`() throws {
    let signature = StageSignature(inputs: [Self.column("X", .float32, 8)], outputs: [Self.column("p")])
    let fit = try StageFit(
      manifest: Self.manifest(Self.features, Self.model), signatures: [Self.featuresSignature, signature])
    #expect(fit.bindings[1] == .init(inputs: [2], outputs: [3]))
  }

  /// A release that does not fit, and what its refusal says.
  struct Misfit: Sendable, CustomTestStringConvertible {
    let name: String
    let manifest: Manifest
    let signatures: [StageSignature]
    let message: String
    var testDescription: String { name }
  }

  static let misfits = [
    Misfit(
      name: "one input and two columns left",
      manifest: manifest(model), signatures: [StageSignature(inputs: [column("X")], outputs: [column("p")])],
      message:
        "model.onnx needs X (FP32, width 1), but neither the manifest's inputs nor an earlier stage make a column X; "
        + "there are age, income; map it in stages.model.inputs"),
    Misfit(
      name: "another width",
      manifest: manifest(features, model),
      signatures: [
        featuresSignature, StageSignature(inputs: [column("features", .float32, 9)], outputs: [column("p")]),
      ],
      message:
        "model.onnx needs features (FP32, width 9), but the outputs of features.onnx make features (FP32, width 8)"),
    Misfit(
      name: "another datatype",
      manifest: manifest(model), signatures: [StageSignature(inputs: [column("age", .int64)], outputs: [column("p")])],
      message: "model.onnx needs age (INT64, width 1), but the manifest's inputs make age (FP32, width 1)"),
    Misfit(
      name: "a name that an input has",
      manifest: manifest(model), signatures: [StageSignature(inputs: [column("age")], outputs: [column("income")])],
      message: "model.onnx makes income, which the manifest's inputs make already; rename it in stages.model.outputs"),
    Misfit(
      name: "a name that a stage has made",
      manifest: manifest(features, model),
      signatures: [
        featuresSignature,
        StageSignature(inputs: [column("features", .float32, 8)], outputs: [column("features", .float32, 8)]),
      ],
      message:
        "model.onnx makes features, which the outputs of features.onnx make already; rename it in stages.model.outputs"
    ),
    Misfit(
      name: "an output that nobody makes",
      manifest: manifest(output: column("label", .bytes), model),
      signatures: [StageSignature(inputs: [column("age")], outputs: [column("p")])],
      message:
        "the manifest promises the output label (BYTES, width 1), but no stage makes it; there are age, income, p"),
    Misfit(
      name: "an output of another form",
      manifest: manifest(output: column("p", .float64), model),
      signatures: [StageSignature(inputs: [column("age")], outputs: [column("p", .float32, 2)])],
      message:
        "the manifest promises the output p (FP64, width 1), but the outputs of model.onnx make p (FP32, width 2)"),
    Misfit(
      name: "a mapping of an input that the graph has not",
      manifest: manifest(StageSpecification(role: .model, file: "model.onnx", inputs: ["Z": "age"])),
      signatures: [StageSignature(inputs: [column("age")], outputs: [column("p")])],
      message: "stages.model.inputs names Z, but model.onnx has the inputs age"),
    Misfit(
      name: "a mapping of an output that the graph has not",
      manifest: manifest(StageSpecification(role: .scoring, file: "s.onnx", outputs: ["Z": "p"])),
      signatures: [StageSignature(inputs: [column("age")], outputs: [column("p"), column("q")])],
      message: "stages.scoring.outputs names Z, but s.onnx has the outputs p, q"),
    Misfit(
      name: "a mapping to a column that nobody makes",
      manifest: manifest(
        inputs: [column("age")], StageSpecification(role: .model, file: "m.onnx", inputs: ["X": "salary"])),
      signatures: [StageSignature(inputs: [column("X")], outputs: [column("p")])],
      message:
        "m.onnx needs X (FP32, width 1), but neither the manifest's inputs nor an earlier stage make a column salary; "
        + "there are age; map it in stages.model.inputs"),
  ]

  @Test(arguments: misfits)
  func `P4: a misfit is refused and both ends are named`(misfit: Misfit) {
    #expect(throws: Refusal(.stageMismatch, misfit.message)) {
      try StageFit(manifest: misfit.manifest, signatures: misfit.signatures)
    }
  }

  @Test(arguments: [
    (StageLoadError.loadFailed("no such file"), RefusalReason.loadFailed), (.unusable("two shapes"), .stageMismatch),
  ])
  func `P4: a stage that does not load refuses its release and names the file`(
    error: StageLoadError, reason: RefusalReason
  ) {
    let stored = StoredRelease(
      identity: ReleaseIdentity(model: "loan", version: "1", digest: "d"),
      manifest: SampleRelease.manifest("loan", "1"),
      directory: "/r")
    let loader = FakeStageLoader(stages: [:], failures: ["model.onnx": error])
    #expect(throws: Refusal(reason, "model.onnx: \(error.description)")) {
      try LoadedRelease(stored, loader: loader)
    }
  }
}
