import Domain
import Foundation

@testable import Artifacts
@testable import understudy

/// A release of one number in and one out, with test sets that say what the number should be: passing, unless told to be
/// otherwise. `Tests/Fixtures/gate/make.py` makes the graphs.
struct GateRelease {
  static let model = "doubler"

  var version: String
  /// A graph of the fixtures.
  var graph = "times_2"
  /// Graphs of a feature extractor in front of it and of scoring code behind it; both or none.
  var extractor: String?
  var code: String?
  /// What the sets take the answer for: the input, so many times.
  var factor = 2.0
  var endToEndRows = 10
  /// Added to what the end-to-end set expects of its fourth row.
  var error = 0.0
  var confidenceRows = 40
  /// Of the confidence set, as JSON; the root of the mean squared error must be between these.
  var acceptableRange = "[0,0.1]"
  /// Further members of the confidence set in the manifest, as JSON with a comma in front.
  var confidence = ""
  /// Another model's name.
  var model = GateRelease.model
  /// Further members of the output in the manifest, and of the manifest, as JSON with a comma in front.
  var output = ""
  var members = ""
  /// The release's limits, as JSON.
  var limits = "{}"
  var hasSets = true
  /// Replaces a set's file, by its name.
  var texts: [String: String] = [:]
  /// Appended to the graph: more of its protocol buffer.
  var appendix: [UInt8] = []

  init(_ version: String) { self.version = version }

  init(_ version: String, _ change: (inout GateRelease) -> Void) {
    self.version = version
    change(&self)
  }

  /// The release as a tar.
  func source(in workplace: Workplace) throws -> ReleaseSource {
    let directory = "gate-\(version)-\(UUID().uuidString.prefix(4))/release"
    try workplace.write("\(directory)/manifest.json", manifest)
    if hasSets {
      for (name, text) in ["end_to_end.jsonl": endToEnd, "confidence.jsonl": labelled] {
        try workplace.write("\(directory)/\(name)", texts[name] ?? text)
      }
    }
    for (file, graph) in files {
      var bytes = try Data(contentsOf: URL(fileURLWithPath: "\(Project.root)/Tests/Fixtures/gate/\(graph).onnx"))
      if file == "model.onnx" { bytes.append(contentsOf: appendix) }
      try bytes.write(to: URL(fileURLWithPath: "\(workplace.path)/\(directory)/\(file)"))
    }
    let packed = try ReleasePacker(manifests: WireManifestCoding()).pack(
      "\(workplace.path)/\(directory)", createdAt: "2026-11-20T09:58:00Z")
    return try ReleaseSource(packed.archivePath, manifests: WireManifestCoding())
  }

  /// Its announcement, by the path of its tar.
  func announcement(in workplace: Workplace) throws -> ModelReady {
    let source = try source(in: workplace)
    return try HandmadeRelease.announcement(
      source.release.identity, archive: try TestClient.some(source.archive?.path, "archive"))
  }

  private var files: [(name: String, graph: String)] {
    guard let extractor, let code else { return [("model.onnx", graph)] }
    return [("features.onnx", extractor), ("model.onnx", graph), ("scoring.onnx", code)]
  }

  private var stages: String {
    func stage(_ role: String, _ input: String, _ output: String) -> String {
      #""\#(role)":{"engine":"onnx","file":"\#(role).onnx","inputs":{"x":"\#(input)"},"outputs":{"y":"\#(output)"}}"#
    }
    guard extractor != nil, code != nil else { return stage("model", "x", "y") }
    return [stage("features", "x", "f"), stage("model", "f", "m"), stage("scoring", "m", "y")].joined(separator: ",")
  }

  private var manifest: String {
    let sets = """
      "end_to_end_set":{"file":"end_to_end.jsonl"},
       "confidence_set":{"file":"confidence.jsonl","metric":"rmse","prediction":"y","acceptable_range":\(acceptableRange)\(confidence)},
      """
    return """
      {"schema":"understudy.release/v1","name":"\(model)","version":"\(version)",
       "inputs":[{"name":"x","datatype":"FP32"},{"name":"group","datatype":"BYTES","optional":true,"default":"a"}],
       "outputs":[{"name":"y","datatype":"FP32"\(output)}],
       "stages":{\(stages)},
       \(hasSets ? sets : "")"limits":\(limits)\(members)}
      """
  }

  private var endToEnd: String {
    (1...max(1, endToEndRows)).map { row in
      let expected = Double(row) * factor + (row == 4 ? error : 0)
      return #"{"inputs":{"x":\#(row)},"outputs":{"y":\#(expected)}}"# + "\n"
    }.joined()
  }

  /// Rows of group `a` and, every fourth, of group `b`.
  private var labelled: String {
    (1...max(1, confidenceRows)).map { row in
      let group = row % 4 == 0 ? "b" : "a"
      return #"{"inputs":{"x":\#(row),"group":"\#(group)"},"label":\#(Double(row) * factor)}"# + "\n"
    }.joined()
  }

  /// Weights `w` of so many bytes for the graph `large`: a graph (field 7) with an initializer (field 5), which a reader
  /// merges with the one in front (onnx.proto, TensorProto: dims 1, data_type 2, name 8, raw_data 9).
  static func weights(bytes count: Int) -> [UInt8] {
    let values = count / 4
    var tensor = field(1, varint: values) + field(2, varint: 1) + field(8, bytes: Array("w".utf8))
    var content = [UInt8](repeating: 0, count: values * 4)
    // Not all the same, so that nothing shares pages.
    for index in stride(from: 0, to: content.count, by: 4) { content[index] = UInt8(truncatingIfNeeded: index >> 4) }
    tensor += field(9, bytes: content)
    return field(7, bytes: field(5, bytes: tensor))
  }

  private static func field(_ number: Int, varint value: Int) -> [UInt8] { varint(number << 3) + varint(value) }

  private static func field(_ number: Int, bytes: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(bytes.count) + bytes
  }

  private static func varint(_ value: Int) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
