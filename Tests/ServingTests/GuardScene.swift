import Domain
import Serving
import Synchronization

/// A stage that a test writes as a function of the input `x` and makes columns of any datatype.
final class ScriptedStage: Stage {
  let signature: StageSignature
  private let body: @Sendable (Double) -> [[Value]]?
  private let count = Mutex(0)

  /// A stage that makes `outputs`; `body` gives for each of them its elements, nil to fail.
  init(_ outputs: [ColumnDescriptor], from input: String = "x", _ body: @escaping @Sendable (Double) -> [[Value]]?) {
    signature = StageSignature(inputs: [ColumnDescriptor(name: input, datatype: .float64)], outputs: outputs)
    self.body = body
  }

  /// Rows that it was given so far.
  var rows: Int { count.withLock { $0 } }

  func run(
    _ binding: StageBinding, on columns: borrowing Columns, rows: Range<Int>, within limit: Duration
  ) throws(StageFailure) {
    count.withLock { $0 += rows.count }
    for row in rows {
      guard let made = body(columns[binding.inputs[0]].float64(at: row)) else {
        throw StageFailure(message: "it was told to fail")
      }
      for (position, values) in zip(binding.outputs, made) {
        let column = columns[position]
        for (element, value) in values.enumerated() {
          let index = row * column.descriptor.width + element
          column.set(value, at: index)
        }
      }
    }
  }
}

/// Gives out stages by the file that they stand for.
private struct ScriptedLoader: StageLoader {
  var stages: [String: any Stage]

  func load(engine: String, path: String, sha256: String) throws(StageLoadError) -> any Stage {
    guard let stage = stages[path.split(separator: "/").last.map(String.init) ?? path] else {
      throw .loadFailed("there is no \(path)")
    }
    return stage
  }

  func returnMemory() {}
}

/// Releases with a guard: input `x` (FP64, any), outputs as the test says, of scripted stages.
enum GuardRelease {
  static func load(
    _ model: String = "loan", _ version: String = "1", outputs: [OutputSpecification],
    guard rules: AnswerGuard? = nil, safeguard: ScriptedStage? = nil, features: (any Stage)? = nil,
    inputs: [InputSpecification]? = nil, _ stage: any Stage
  ) throws -> LoadedRelease {
    var stages: [(StageRole, any Stage)] = [(.model, stage)]
    if let features { stages.insert((.features, features), at: 0) }
    if let safeguard { stages.append((.safeguard, safeguard)) }
    let manifest = Manifest(
      name: model, version: version,
      inputs: inputs ?? [InputSpecification(column: .init(name: "x", datatype: .float64))],
      outputs: outputs, stages: stages.map { StageSpecification(role: $0.0, file: "\($0.0.rawValue).onnx") },
      answerGuard: rules)
    return try LoadedRelease(
      StoredRelease(
        identity: ReleaseIdentity(model: model, version: version, digest: "sha256:\(version)"), manifest: manifest,
        directory: "/releases/\(version)"),
      loader: ScriptedLoader(
        stages: Dictionary(uniqueKeysWithValues: stages.map { ("\($0.0.rawValue).onnx", $0.1) })))
  }

  /// An output.
  static func output(
    _ name: String, _ datatype: Datatype = .float64, width: Int = 1, minimum: Double? = nil, maximum: Double? = nil,
    values: [Value]? = nil
  ) -> OutputSpecification {
    OutputSpecification(
      column: .init(name: name, datatype: datatype, width: width), minimum: minimum, maximum: maximum, values: values)
  }

  /// A release that answers `y`, the value of `body`; nil fails the row's run.
  static func plain(
    _ model: String = "loan", _ version: String = "1", minimum: Double? = nil, maximum: Double? = nil,
    guard rules: AnswerGuard? = nil, _ body: @escaping @Sendable (Double) -> Double? = { $0 }
  ) throws -> LoadedRelease {
    try load(
      model, version, outputs: [output("y", minimum: minimum, maximum: maximum)], guard: rules,
      ScriptedStage([.init(name: "y", datatype: .float64)]) { x in body(x).map { [[.number($0)]] } })
  }
}
