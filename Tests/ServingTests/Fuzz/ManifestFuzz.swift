import Domain
import Foundation
import Serving
import TestSupport
import Wire

/// Manifests that are nearly right, and what must hold of each.
struct ManifestFuzz {
  /// How a manifest is read; a test may plant a mistake here.
  var decode: ([UInt8]) throws(WireError) -> Manifest = { bytes throws(WireError) in try ManifestCodec.decode(bytes) }
  private let mutator: Mutator
  private let requests: [[UInt8]]
  private let decoder = JSONRequestDecoder()

  /// What the manifests of the table do not have.
  private static let full = #"""
    {"schema":"understudy.release/v1","name":"car-loan","version":"2026.11.1","created_at":"2026-11-20T09:58:00Z","description":"d",
     "inputs":[{"name":"value","datatype":"FP32","minimum":0},{"name":"code","datatype":"BYTES","pattern":"[A-Z]{2}\\d+","minimum_length":3,
     "maximum_length":9,"optional":true,"default":"AB1","values":["AB1","CD23"]},{"name":"pixels","datatype":"FP64","width":4}],
     "unknown_fields":"reject","outputs":[{"name":"p","datatype":"FP32","minimum":0,"maximum":1},{"name":"label","datatype":"BYTES"}],
     "stages":{"features":{"engine":"onnx","file":"features.onnx"},"model":{"engine":"onnx","file":"model.onnx","inputs":{"X":"features"},
     "outputs":{"probabilities":"p"}},"scoring":{"engine":"onnx","file":"scoring.onnx"}},
     "end_to_end_set":{"file":"end_to_end.jsonl","relative_tolerance":1e-4,"absolute_tolerance":1e-6},
     "confidence_set":{"file":"confidence.jsonl","metric":"roc_auc","prediction":"p","positive_label":"repaid","acceptable_range":[0.93,1],
     "slices":[{"input":"code","acceptable_range":[0.9,1],"maximum_gap":0.05,"minimum_rows":50}]},
     "limits":{"max_rows":512,"deadline_ms":50,"max_slowdown":3}}
    """#

  /// Wider releases would be about memory and not about manifests.
  private static let widthLimit = 1000

  init() throws {
    let seeds = try [Array(Self.full.utf8)] + RequestCase.manifests().filter { $0.count < 4096 }
    for seed in seeds { _ = try ManifestCodec.decode(seed) }
    mutator = Mutator(seeds)
    requests = try RequestCase.all().map(\.request).filter { $0.count < 1000 }
  }

  /// A manifest that reads back as it was written and can serve, or is refused with a reason.
  func check(_ generator: inout SeededGenerator) -> (problem: String?, reaction: String) {
    let bytes = mutator.next(&generator)
    let manifest: Manifest
    do throws(WireError) { manifest = try decode(bytes) } catch {
      return (error.description.isEmpty ? shown("is refused without a reason", bytes) : nil, error.description)
    }
    return (problem(of: manifest, &generator).map { shown($0, bytes) }, "read")
  }

  private func problem(of manifest: Manifest, _ generator: inout SeededGenerator) -> String? {
    do throws(WireError) {
      let again = try decode(ManifestCodec.encode(manifest))
      if again != manifest { return "reads back as \(again), not \(manifest)" }
    } catch { return "is refused as it is written: \(error)" }
    for _ in 0..<4 {
      if let problem = serve(manifest, requests.randomElement(using: &generator) ?? []) { return problem }
    }
    return nil
  }

  private func serve(_ manifest: Manifest, _ request: [UInt8]) -> String? {
    guard manifest.inputs.reduce(0, { $0 + $1.column.width }) <= Self.widthLimit else { return nil }
    let schema = RequestSchema(
      inputs: manifest.inputs, unknownFields: manifest.unknownFields, outputs: manifest.outputs.map(\.column),
      maximumRows: manifest.maximumRows)
    var columns = Columns(manifest.inputs.map(\.column))
    var table = RequestTable()
    unsafe decoder.decode(request.span.bytes, schema: schema, columns: &columns, table: &table)
    if table.requests.count != 1 { return "makes \(table.requests.count) requests of one" }
    return columns.rowCount == table.rows.count { $0.failure == nil }
      ? nil : "has columns of another length than its rows"
  }

  private func shown(_ problem: String, _ bytes: [UInt8]) -> String {
    "\(problem): \(String(decoding: bytes, as: UTF8.self))"
  }
}
