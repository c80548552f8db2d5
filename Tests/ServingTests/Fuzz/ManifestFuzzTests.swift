import Domain
import Foundation
import TestSupport
import Testing
import Wire

/// Manifests that are nearly right.
@Suite struct ManifestFuzzTests {
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

  @Test func `P4: whatever a manifest says, it is read or refused, and what is read can serve`() throws {
    var run = FuzzRun("manifests", seconds: 1)
    let seeds = try [Array(Self.full.utf8)] + RequestCase.manifests().filter { $0.count < 4096 }
    let requests = try RequestCase.all().map(\.request).filter { $0.count < 1000 }
    #expect(try seeds.map { try ManifestCodec.decode($0) }.count == seeds.count)
    let (mutator, decoder) = (Mutator(seeds), JSONRequestDecoder())
    var read = 0
    while run.goesOn {
      let bytes = mutator.next(&run.generator)
      run.count(1)
      do throws(WireError) {
        let manifest = try ManifestCodec.decode(bytes)
        read += 1
        guard try ManifestCodec.decode(ManifestCodec.encode(manifest)) == manifest else {
          report(bytes, "does not read back as it was written", run)
          return
        }
        for _ in 0..<4 {
          serve(manifest, requests.randomElement(using: &run.generator) ?? [], decoder)
        }
      } catch {
        if error.description.isEmpty { report(bytes, "is refused without a reason", run) }
      }
    }
    run.finish("\(read) read, \(run.cases - read) refused")
    #expect(run.cases > 0)
  }

  private func serve(_ manifest: Manifest, _ request: [UInt8], _ decoder: JSONRequestDecoder) {
    guard manifest.inputs.reduce(0, { $0 + $1.column.width }) <= Self.widthLimit else { return }
    let schema = RequestSchema(
      inputs: manifest.inputs, unknownFields: manifest.unknownFields, outputs: manifest.outputs.map(\.column),
      maximumRows: manifest.maximumRows)
    var columns = Columns(manifest.inputs.map(\.column))
    var table = RequestTable()
    unsafe decoder.decode(request.span.bytes, schema: schema, columns: &columns, table: &table)
    #expect(table.requests.count == 1)
    #expect(columns.rowCount == table.rows.count { $0.failure == nil })
  }

  private func report(_ bytes: [UInt8], _ what: String, _ run: FuzzRun) {
    Issue.record(
      "a manifest \(what), seed \(run.generator.seed), case \(run.cases): \(String(decoding: bytes, as: UTF8.self))")
  }
}
