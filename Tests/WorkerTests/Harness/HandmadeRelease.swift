import Domain
import Foundation

@testable import Artifacts
@testable import understudy

/// Releases made for a test, good and bad.
enum HandmadeRelease {
  /// A stage of a manifest, as JSON.
  typealias StageText = (role: String, text: String)

  /// Texts come back twice: the answer is twice as large as the request.
  static func echo(in workplace: Workplace) throws -> ReleaseSource {
    let names = ["flat", "column", "matrix", "image"]
    let inputs =
      #"{"name":"flat","datatype":"BYTES"},{"name":"column","datatype":"BYTES","optional":true,"default":""},"#
      + #"{"name":"matrix","datatype":"BYTES","width":3,"optional":true,"default":""},"#
      + #"{"name":"image","datatype":"BYTES","width":4,"optional":true,"default":""}"#
    func outputs(_ prefix: String) -> String {
      names.map { "\"\($0)_out\":\"\(prefix)_\($0)\"" }.joined(separator: ",")
    }
    let fromFirst = names.map { "\"\($0)\":\"first_\($0)\"" }.joined(separator: ",")
    return try pack(
      "echo", "1", inputs: inputs,
      outputs: #"{"name":"first_flat","datatype":"BYTES"},{"name":"second_flat","datatype":"BYTES"}"#,
      stages: [
        ("features", #"{"engine":"onnx","file":"a.onnx","outputs":{\#(outputs("first"))}}"#),
        ("model", #"{"engine":"onnx","file":"b.onnx","inputs":{\#(fromFirst)},"outputs":{\#(outputs("second"))}}"#),
      ], graphs: ["a.onnx": "identity_string.onnx", "b.onnx": "identity_string.onnx"], in: workplace)
  }

  /// One number in, one out, by a graph of the fixtures.
  static func numbers(
    _ version: String, graph: String, output: String = "y", width: Int = 1, in workplace: Workplace
  ) throws -> ReleaseSource {
    try pack(
      Example.model, version, inputs: #"{"name":"x","datatype":"FP32","width":\#(width)}"#,
      outputs: #"{"name":"\#(output)","datatype":"FP32"}"#,
      stages: [("model", #"{"engine":"onnx","file":"model.onnx"}"#)], graphs: ["model.onnx": graph], in: workplace)
  }

  /// A release with another manifest.
  static func copy(_ source: ReleaseSource, manifest: String, in workplace: Workplace) throws -> ReleaseSource {
    let directory = "copy-\(UUID().uuidString.prefix(4))"
    try workplace.write("\(directory)/note", "")
    try FileManager.default.copyItem(
      atPath: source.release.directory, toPath: "\(workplace.path)/\(directory)/release")
    try workplace.write("\(directory)/release/manifest.json", manifest)
    let packed = try ReleasePacker(manifests: WireManifestCoding()).pack(
      "\(workplace.path)/\(directory)/release", createdAt: "2026-11-20T09:58:00Z")
    return try ReleaseSource(packed.archivePath, manifests: WireManifestCoding())
  }

  private static func pack(
    _ name: String, _ version: String, inputs: String, outputs: String, stages: [StageText], graphs: [String: String],
    in workplace: Workplace
  ) throws -> ReleaseSource {
    let directory = "\(name)-\(version)-\(UUID().uuidString.prefix(4))/release"
    let stages = stages.map { "\"\($0.role)\":\($0.text)" }.joined(separator: ",")
    try workplace.write(
      "\(directory)/manifest.json",
      """
      {"schema":"understudy.release/v1","name":"\(name)","version":"\(version)","inputs":[\(inputs)],
       "outputs":[\(outputs)],"stages":{\(stages)}}
      """)
    for (file, graph) in graphs {
      try FileManager.default.copyItem(atPath: Project.fixture(graph), toPath: "\(workplace.path)/\(directory)/\(file)")
    }
    let packed = try ReleasePacker(manifests: WireManifestCoding()).pack(
      "\(workplace.path)/\(directory)", createdAt: "2026-11-20T09:58:00Z")
    return try ReleaseSource(packed.archivePath, manifests: WireManifestCoding())
  }

  // MARK: Archives that are not what they say

  /// An archive that `publish` would refuse, and its announcement.
  static func announcement(_ identity: ReleaseIdentity, archive: String) throws -> ModelReady {
    let size = try InputFile(archive).size
    return ModelReady(
      identity: identity, archiveDigest: Digest.named(try Digest.sha256(ofFile: archive)), size: size,
      uri: "file://\(archive)")
  }

  /// The first half of an archive.
  static func truncated(_ source: ReleaseSource, in workplace: Workplace) throws -> ModelReady {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: try TestClient.some(source.archive?.path, "archive")))
    let path = "\(workplace.path)/truncated-\(UUID().uuidString.prefix(4)).tar"
    try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
    return try announcement(source.release.identity, archive: path)
  }

  /// A manifest of an archive that holds nothing else.
  static func withoutFiles(_ source: ReleaseSource, in workplace: Workplace) throws -> ModelReady {
    let path = "\(workplace.path)/empty.tar"
    let writer = try TarWriter(creating: path)
    try writer.add(
      "manifest.json",
      bytes: try InputFile.bytes(of: "\(source.release.directory)/manifest.json", limit: 1 << 20, else: .badManifest))
    _ = try writer.finish()
    return try announcement(source.release.identity, archive: path)
  }
}
