import Deployment
import Domain
import Engines
import Foundation
import Testing

/// The committed releases of `Examples/breast-cancer`, run stage by stage over one `Columns` as a lane runs them.
@Suite struct ExampleReleaseTests {
  @Test(arguments: ["1.0.0", "2.0.0"])
  func `the three stages of an example give its end-to-end outputs`(version: String) throws {
    let directory = try unpack(version)
    defer { try? FileManager.default.removeItem(at: directory) }
    let manifest = try decode(ExampleManifest.self, directory.appendingPathComponent("manifest.json"))
    let cases = try String(contentsOf: directory.appendingPathComponent("end_to_end.jsonl"), encoding: .utf8)
      .split(separator: "\n").map { try JSONDecoder().decode(EndToEnd.self, from: Data($0.utf8)) }
    try #require(!cases.isEmpty)

    var layout = manifest.inputs.map { ColumnDescriptor(name: $0.name, datatype: .float32) }
    var stages: [(stage: any Stage, binding: StageBinding)] = []
    let loader = OnnxStageLoader()
    for role in [StageRole.features, .model, .scoring] {
      let specification = try #require(manifest.stages[role.rawValue])
      let path = directory.appendingPathComponent(specification.file).path
      let stage = try loader.load(engine: specification.engine, path: path, sha256: specification.file)
      let inputs = try stage.signature.inputs.map { input in
        try #require(layout.firstIndex { $0.name == specification.inputs?[input.name] ?? input.name })
      }
      let first = layout.count
      layout += stage.signature.outputs.map { output in
        ColumnDescriptor(
          name: specification.outputs?[output.name] ?? output.name, datatype: output.datatype, width: output.width)
      }
      stages.append((stage, StageBinding(inputs: inputs, outputs: Array(first..<layout.count))))
    }

    var columns = Columns(layout)
    for (row, example) in cases.enumerated() {
      try #require(columns.beginRow() == row)
      for (position, input) in manifest.inputs.enumerated() {
        columns[position].set(float32: Float(try #require(example.inputs[input.name])), at: row)
      }
      columns.finishRow()
    }
    for (stage, binding) in stages { try stage.run(binding, on: columns, rows: 0..<cases.count) }

    let probability = try #require(layout.firstIndex { $0.name == "probability" })
    let label = try #require(layout.firstIndex { $0.name == "label" })
    for (row, example) in cases.enumerated() {
      let difference = abs(Double(columns[probability].float32(at: row)) - example.outputs.probability)
      #expect(difference <= 1e-6)
      #expect(columns[label].text(at: row) == example.outputs.label)
    }
  }

  private func unpack(_ version: String, file: String = #filePath) throws -> URL {
    let root = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let archive = root.appendingPathComponent("Examples/breast-cancer/releases/breast-cancer-\(version).tar")
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let tar = try ChildProcess(
      "/usr/bin/env", ["tar", "-xf", archive.path, "-C", directory.path],
      environment: ProcessInfo.processInfo.environment)
    try #require(tar.wait() == .exit(0))
    return directory
  }

  private func decode<Value: Decodable>(_ type: Value.Type, _ url: URL) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: url))
  }
}

private struct ExampleManifest: Decodable {
  var inputs: [Input]
  var stages: [String: Stage]

  struct Input: Decodable { var name: String }

  struct Stage: Decodable {
    var engine: String
    var file: String
    var inputs: [String: String]?
    var outputs: [String: String]?
  }
}

private struct EndToEnd: Decodable {
  var inputs: [String: Double]
  var outputs: Outputs

  struct Outputs: Decodable {
    var probability: Double
    var label: String
  }
}
