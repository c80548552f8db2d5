import Domain
import Testing
import Wire

/// The bounds of a manifest: what is exactly as much as allowed is read, and one more is refused with its place.
@Suite struct ManifestLimitTests {
  /// A place in a manifest and what may stand there at most.
  struct Bound: CustomTestStringConvertible, Sendable {
    /// The whole manifest with so many, or so much, in the place.
    var manifest: @Sendable (_ count: Int) -> [UInt8]
    var limit: Int
    /// The path of the error.
    var path: String
    var expected: String

    var testDescription: String { path }
  }

  static let bounds: [Bound] = [
    Bound(
      manifest: { document(inputs: columns($0)) }, limit: Limits.columnsPerRelease, path: "inputs",
      expected: "at most 4096 elements"),
    Bound(
      manifest: { document(outputs: columns($0)) }, limit: Limits.columnsPerRelease, path: "outputs",
      expected: "at most 4096 elements"),
    Bound(
      manifest: { count in
        let names = (0..<count).map { #""i\#($0)":"f""# }.joined(separator: ",")
        return document(stage: #","inputs":{\#(names)}"#)
      }, limit: Limits.columnsPerRelease, path: "stages.model.inputs", expected: "at most 4096 names"),
    Bound(
      manifest: { document(inputs: #"[{"name":"x","datatype":"FP32","width":\#($0)}]"#) }, limit: Limits.columnWidth,
      path: "inputs[0].width", expected: "an integer from 1 to 1048576"),
    Bound(
      manifest: { document(inputs: #"[{"name":"x","datatype":"BYTES","maximum_length":\#($0)}]"#) },
      limit: Limits.textCharacters, path: "inputs[0].maximum_length", expected: "an integer from 0 to 1073741824"),
    Bound(
      manifest: { document(inputs: #"[{"name":"x","datatype":"BYTES","minimum_length":\#($0)}]"#) },
      limit: Limits.textCharacters, path: "inputs[0].minimum_length", expected: "an integer from 0 to 1073741824"),
    Bound(
      manifest: { document(outputs: #"[{"name":"y","datatype":"INT64","values":[\#(numbers($0))]}]"#) },
      limit: Limits.valuesPerOutput, path: "outputs[0].values", expected: "at most 1000 elements"),
    Bound(
      manifest: { count in
        let actions = (0..<count).map { #""a\#($0)":{"cost":1,"maximum":1}"# }.joined(separator: ",")
        return document(#","guard":{"error_cost":{"decision":"y","actions":{\#(actions)}}}"#)
      }, limit: Limits.actionsPerRelease, path: "guard.error_cost.actions", expected: "at most 1000 actions"),
    Bound(
      manifest: { count in
        let rules = Array(repeating: #"{"output":"y","deviations":3}"#, count: count).joined(separator: ",")
        return document(#","guard":{"moving_averages":[\#(rules)]}"#)
      }, limit: Limits.movingAveragesPerRelease, path: "guard.moving_averages", expected: "at most 32 elements"),
    Bound(
      manifest: { document(#","guard":{"moving_averages":[{"output":"y","deviations":3,"rows":\#($0)}]}"#) },
      limit: Limits.movingAverageRows, path: "guard.moving_averages[0].rows",
      expected: "an integer from 2 to 10000000"),
    Bound(
      manifest: { document(#","guard":{"alternatives":{"column":"p","labels":["a"],"count":\#($0)}}"#) },
      limit: Limits.alternativesPerRow, path: "guard.alternatives.count", expected: "an integer from 1 to 20"),
    Bound(
      manifest: { document(#","limits":{"max_rows":\#($0)}"#) }, limit: Limits.rowsPerRequestCeiling,
      path: "limits.max_rows", expected: "an integer from 1 to 1048576"),
    Bound(
      manifest: { document(#","limits":{"deadline_ms":\#($0)}"#) }, limit: Int(Limits.deadlineCeilingMilliseconds),
      path: "limits.deadline_ms", expected: "at most 3600000 milliseconds"),
    Bound(
      manifest: { document(#","confidence_set":\#(confidence(slices: #"[{"input":"x","minimum_rows":\#($0)}]"#))"#) },
      limit: Limits.testSetRows, path: "confidence_set.slices[0].minimum_rows",
      expected: "an integer from 1 to 1048576"),
    Bound(
      manifest: { count in
        let slices = (0..<count).map { _ in #"{"input":"x"}"# }.joined(separator: ",")
        return document(#","confidence_set":\#(confidence(slices: "[\(slices)]"))"#)
      }, limit: Limits.slicesPerRelease, path: "confidence_set.slices", expected: "at most 20 elements"),
    Bound(
      manifest: { document(#","end_to_end_set":{"file":"\#(String(repeating: "f", count: $0))"}"#) },
      limit: Limits.pathBytes, path: "end_to_end_set.file",
      expected: "a relative path of at most 200 bytes, without empty, . and .. parts and backslashes"),
    Bound(
      manifest: { document(inputs: #"[{"name":"\#(String(repeating: "n", count: $0))","datatype":"FP32"}]"#) },
      limit: Limits.identifierBytes, path: "inputs[0].name", expected: "a name of 1 to 512 bytes"),
  ]

  @Test(arguments: bounds)
  func `P8: a manifest with as much as it may hold is read, and one more is refused with its place`(_ bound: Bound)
    throws
  {
    try checkAccepted(bound.manifest(bound.limit), bound.path)
    do throws(WireError) {
      _ = try ManifestCodec.decode(bound.manifest(bound.limit + 1))
      Issue.record("\(bound.path) took \(bound.limit + 1)")
    } catch {
      guard case .invalid(let path, let expected, _) = error else { throw error }
      #expect(path == bound.path && expected == bound.expected)
    }
  }

  /// The rules between the parts (widths of labels, names of inputs) are not what is asked about: they are looked at
  /// when the parts have been read.
  private func checkAccepted(_ manifest: [UInt8], _ place: String) throws {
    do throws(WireError) {
      _ = try ManifestCodec.decode(manifest)
    } catch {
      guard case .invalid(let path, _, _) = error, path != place else { throw error }
    }
  }

  @Test func `P8: what a release does not say about rows is the default of the contract`() throws {
    #expect(try ManifestCodec.decode(Self.document()).maximumRows == Limits.rowsPerRequest)
  }

  // MARK: Documents

  private static func document(
    _ rest: String = "", inputs: String = #"[{"name":"x","datatype":"FP32"}]"#,
    outputs: String = #"[{"name":"y","datatype":"FP32"},{"name":"p","datatype":"FP32"}]"#, stage: String = ""
  ) -> [UInt8] {
    Array(
      #"""
      {"schema":"understudy.release/v1","name":"m","version":"1","inputs":\#(inputs),"outputs":\#(outputs),
       "stages":{"model":{"engine":"onnx","file":"model.onnx"\#(stage)}}\#(rest)}
      """#.utf8)
  }

  private static func columns(_ count: Int) -> String {
    "[" + (0..<count).map { #"{"name":"c\#($0)","datatype":"FP32"}"# }.joined(separator: ",") + "]"
  }

  private static func numbers(_ count: Int) -> String { (0..<count).map(String.init).joined(separator: ",") }

  private static func confidence(slices: String) -> String {
    #"{"file":"c","metric":"rmse","prediction":"y","acceptable_range":[0,1],"slices":\#(slices)}"#
  }
}
