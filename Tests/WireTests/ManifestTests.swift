import Domain
import Testing
import Wire

@Suite struct ManifestTests {
  static let digest = String(repeating: "0a", count: 32)

  static let good = #"""
    {"schema":"understudy.release/v1","name":"car-loan","version":"2026.11.1","created_at":"2026-11-20T09:58:00Z",
     "description":"d","owner":{"team":"risk","numbers":[1,0.5,1e-9]},
     "inputs":[{"name":"car_value","datatype":"FP32","minimum":0},
               {"name":"salary_range","datatype":"BYTES","values":["0 - 20K","60K+"]},
               {"name":"driver_tenure","datatype":"FP32","optional":true,"default":0},
               {"name":"visits","datatype":"INT64","optional":true,"default":3,"values":[3,4],"minimum":1,"maximum":5},
               {"name":"member","datatype":"BOOL","optional":true,"default":false},
               {"name":"pixels","datatype":"FP64","width":64}],
     "outputs":[{"name":"probability","datatype":"FP32","minimum":0,"maximum":1},{"name":"label","datatype":"BYTES"}],
     "stages":{"model":{"engine":"onnx","file":"model.onnx","inputs":{"X":"features"},"outputs":{"probabilities":"p"}},
               "features":{"engine":"wasm","file":"code/features.wasm"}},
     "end_to_end_set":{"file":"end_to_end.jsonl","relative_tolerance":1e-4},
     "confidence_set":{"file":"confidence.jsonl","metric":"roc_auc","prediction":"probability","positive_label":"repaid",
                       "acceptable_range":[0.93,1]},
     "limits":{"max_rows":512,"deadline_ms":50},
     "files":[{"path":"model.onnx","sha256":"\#(digest)","size":182000},
              {"path":"code/features.wasm","sha256":"\#(digest)","size":0},
              {"path":"end_to_end.jsonl","sha256":"\#(digest)","size":1},
              {"path":"confidence.jsonl","sha256":"\#(digest)","size":1}]}
    """#

  @Test func `a good manifest is read`() throws {
    let manifest = try ManifestCodec.decode(Array(Self.good.utf8))
    #expect(manifest.name == "car-loan" && manifest.version == "2026.11.1" && manifest.maximumRows == 512)
    #expect(manifest.createdAt == "2026-11-20T09:58:00Z" && manifest.description == "d")
    #expect(manifest.stages.map(\.role) == [.features, .model])
    #expect(manifest.stages[1].inputs == ["X": "features"] && manifest.stages[1].outputs == ["probabilities": "p"])
    #expect(manifest.stages[0].engine == "wasm")
    #expect(manifest.inputs[0].minimum == 0 && manifest.inputs[0].maximum == nil)
    #expect(manifest.inputs[1].values == [.text("0 - 20K"), .text("60K+")])
    #expect(manifest.inputs[2].isOptional && manifest.inputs[2].defaultValue == .number(0))
    #expect(manifest.inputs[3].values == [.int64(3), .int64(4)] && manifest.inputs[4].defaultValue == .bool(false))
    #expect(manifest.inputs[5].column == ColumnDescriptor(name: "pixels", datatype: .float64, width: 64))
    #expect(manifest.outputs[0].maximum == 1)
    #expect(manifest.endToEndSet?.file == "end_to_end.jsonl" && manifest.confidenceSet?.file == "confidence.jsonl")
    #expect(manifest.files[0] == .init(path: "model.onnx", sha256: Self.digest, size: 182000))
    #expect(manifest.files.count == 4)
  }

  @Test func `a manifest reads back as it was written`() throws {
    let manifest = try ManifestCodec.decode(Array(Self.good.utf8))
    #expect(try ManifestCodec.decode(ManifestCodec.encode(manifest)) == manifest)
  }

  @Test func `packing fills in files and time, keeps the rest, and gives the same bytes again`() throws {
    let unpacked = Self.good.replacing(#","created_at":"2026-11-20T09:58:00Z""#, with: "")
    let files = [Manifest.FileEntry(path: "model.onnx", sha256: Self.digest, size: 1)]
    let filled = try ManifestCodec.filled(Array(unpacked.utf8), files: files, createdAt: "2026-11-24T03:00:00Z")
    #expect(try ManifestCodec.filled(filled, files: files, createdAt: "2099-01-01T00:00:00Z") == filled)
    let before = try JSON(parsing: Array(unpacked.utf8))
    let after = try JSON(parsing: filled)
    guard case .object(let fields) = before else { return }
    for field in fields where field.name != "files" { #expect(after[field.name] == field.value) }
    #expect(after["created_at"] == .text("2026-11-24T03:00:00Z"))
    #expect(String(decoding: filled, as: UTF8.self).contains(#""numbers": [1, 0.5, 1e-09]"#))
    guard case .array(let entries)? = after["files"] else { Issue.record("no files"); return }
    #expect(entries.count == 1)
  }

  @Test func `before packing no file needs to be listed`() throws {
    var json = try JSON(parsing: Array(Self.good.utf8))
    json.set("files", to: .array([]))
    #expect(try ManifestCodec.decode(json.bytes).files.isEmpty)
    json.set("files", to: .null)
    #expect(try ManifestCodec.decode(json.bytes).files.isEmpty)
  }

  /// Every rule: what is put in place of what, and the message.
  static let broken: [(from: String, to: String, message: String)] = [
    ("release/v1", "release/v2", #"schema: expected "understudy.release/v1", got "understudy.release/v2""#),
    (
      #""name":"car-loan""#, #""name":"../x""#,
      #"name: expected at most 64 letters, digits and . _ -, not starting with a dot, got "../x""#
    ),
    (#""version":"2026.11.1","#, "", "version: expected a string, got nothing"),
    (#""version":"2026.11.1""#, #""version":1"#, "version: expected a string, got 1"),
    ("2026-11-20T09:58:00Z", "yesterday", #"created_at: expected a time as RFC 3339 writes it, got "yesterday""#),
    (#""description":"d""#, #""description":[]"#, "description: expected a string, got an array of 0"),
    (#""inputs":[{"#, #""inputs":7,"x":[{"#, "inputs: expected an array, got 7"),
    (#""inputs":[{"#, #""inputs":[],"x":[{"#, "inputs: expected at least one input, got an array of 0"),
    (#""outputs":[{"#, #""outputs":[],"x":[{"#, "outputs: expected at least one output, got an array of 0"),
    (
      #"{"name":"car_value""#, #"{"name":"id""#,
      #"inputs[0].name: expected a name other than id, inputs, outputs and parameters, got "id""#
    ),
    (
      #"{"name":"car_value""#, #"{"name":"outputs""#,
      #"inputs[0].name: expected a name other than id, inputs, outputs and parameters, got "outputs""#
    ),
    (#"{"name":"car_value""#, #"{"name":"""#, #"inputs[0].name: expected a name of 1 to 512 bytes, got """#),
    (
      #"{"name":"driver_tenure""#, #"{"name":"car_value""#,
      #"inputs[2].name: expected each name once, got "car_value" again"#
    ),
    (
      #"{"name":"label""#, #"{"name":"probability""#,
      #"outputs[1].name: expected each name once, got "probability" again"#
    ),
    (
      #""datatype":"FP32","minimum":0}"#, #""datatype":"FLOAT","minimum":0}"#,
      #"inputs[0].datatype: expected one of "BOOL", "INT64", "FP32", "FP64", "BYTES", got "FLOAT""#
    ),
    (#""width":64"#, #""width":0"#, "inputs[5].width: expected an integer from 1 to 1048576, got 0"),
    (#""width":64"#, #""width":1.5"#, "inputs[5].width: expected an integer from 1 to 1048576, got 1.5"),
    (#""width":64"#, #""width":1048577"#, "inputs[5].width: expected an integer from 1 to 1048576, got 1048577"),
    (
      #""optional":true,"default":0"#, #""optional":true"#,
      "inputs[2].default: expected a value that stands in for a missing driver_tenure, got nothing"
    ),
    (
      #""optional":true,"default":0"#, #""optional":1,"default":0"#, "inputs[2].optional: expected true or false, got 1"
    ),
    (#""default":0"#, #""default":"0""#, #"inputs[2].default: expected a number, got "0""#),
    (#""default":0"#, #""default":1e39"#, "inputs[2].default: expected a number that FP32 can hold, got 1e+39"),
    (#""default":3"#, #""default":3.5"#, "inputs[3].default: expected an integer, got 3.5"),
    (#""default":3"#, #""default":5"#, "inputs[3].default: expected one of 3, 4, got 5"),
    (#""default":3,"values":[3,4]"#, #""default":6"#, "inputs[3].default: expected at most the maximum, 5, got 6"),
    (#""default":3,"values":[3,4]"#, #""default":0"#, "inputs[3].default: expected at least the minimum, 1, got 0"),
    (#""default":false"#, #""default":0"#, "inputs[4].default: expected true or false, got 0"),
    (#""values":["0 - 20K","60K+"]"#, #""values":["0 - 20K",60]"#, "inputs[1].values[1]: expected a string, got 60"),
    (
      #""values":["0 - 20K","60K+"]"#, #""values":[]"#,
      "inputs[1].values: expected at least one value, got an array of 0"
    ),
    (
      #""values":["0 - 20K","60K+"]"#, #""minimum":0"#,
      "inputs[1].minimum: expected no bound, since BYTES has no order, got 0"
    ),
    (
      #""minimum":1,"maximum":5"#, #""minimum":6,"maximum":5"#,
      "inputs[3].maximum: expected at least the minimum, 6, got 5"
    ),
    (#""minimum":0,"maximum":1"#, #""minimum":"0""#, #"outputs[0].minimum: expected a number, got "0""#),
    (#""stages":{"model""#, #""stages":{"scoring""#, "stages.model: expected a stage, got nothing"),
    (
      #""features":{"engine""#, #""feature":{"engine""#,
      "stages: expected stages features, model, scoring and safeguard, got feature"
    ),
    (#""engine":"onnx""#, #""engine":"so""#, #"stages.model.engine: expected one of "onnx", "wasm", got "so""#),
    (#""file":"model.onnx""#, #""file":7"#, "stages.model.file: expected a string, got 7"),
    (#""inputs":{"X":"features"}"#, #""inputs":{"X":1}"#, "stages.model.inputs.X: expected a string, got 1"),
    (
      #""file":"model.onnx""#, #""file":"other.onnx""#,
      #"stages.model.file: expected a file that `files` lists, got "other.onnx""#
    ),
    (
      #""file":"confidence.jsonl""#, #""file":"c.jsonl""#,
      #"confidence_set.file: expected a file that `files` lists, got "c.jsonl""#
    ),
    (
      #""file":"end_to_end.jsonl""#, #""file":"c.jsonl""#,
      #"end_to_end_set.file: expected a file that `files` lists, got "c.jsonl""#
    ),
    (#""max_rows":512"#, #""max_rows":0"#, "limits.max_rows: expected an integer from 1 to 1048576, got 0"),
    (#""max_rows":512"#, #""max_rows":1048577"#, "limits.max_rows: expected an integer from 1 to 1048576, got 1048577"),
    (
      #"{"path":"end_to_end.jsonl""#, #"{"path":"model.onnx""#,
      #"files[2].path: expected each path once, got "model.onnx" again"#
    ),
    (
      #"{"path":"end_to_end.jsonl""#, #"{"path":"manifest.json""#,
      #"files[2].path: expected files other than the manifest, got "manifest.json""#
    ),
    (
      "0a\",\"size\":0", "0A\",\"size\":0",
      "files[1].sha256: expected 64 lowercase hexadecimal digits, got \"\(String(digest.dropLast(2)))0A\""
    ),
    (#""size":182000"#, #""size":-1"#, "files[0].size: expected an integer from 0 to 8589934592, got -1"),
    (
      #""size":182000"#, #""size":8589934592"#,
      "files[2].size: expected at most 8589934592 bytes in all, got 8589934593"
    ),
  ]

  @Test(arguments: broken.indices)
  func `P4: a manifest with a broken rule is refused, and the message names the place`(number: Int) {
    let (from, to, message) = Self.broken[number]
    guard let range = Self.good.firstRange(of: from) else { Issue.record("not in the manifest: \(from)"); return }
    let manifest = Self.good.replacingCharacters(range, to)
    do throws(WireError) {
      _ = try ManifestCodec.decode(Array(manifest.utf8))
      Issue.record("accepted \(to)")
    } catch {
      #expect(error.description == message)
    }
  }

  @Test(arguments: [
    "/etc/passwd", "../x", "a/../x", "a//b", "a/", "./a", "a/.", "a\\\\b", "", "\\u0000",
    String(repeating: "x", count: 201),
  ])
  func `P4: a path that leaves the release is refused`(path: String) {
    let manifest = Self.good.replacing("model.onnx", with: path)
    #expect(throws: WireError.self) { try ManifestCodec.decode(Array(manifest.utf8)) }
  }

  @Test(arguments: ["", "[]", "{", "null", "\u{FEFF}{}", "{\"schema\":null}"])
  func `P4: what is no manifest is refused`(text: String) {
    #expect(throws: WireError.self) { try ManifestCodec.decode(Array(text.utf8)) }
  }

  @Test func `P8: more than a manifest may hold is refused`() throws {
    var json = try JSON(parsing: Array(Self.good.utf8))
    let file = JSON.object([.init("path", .text("f")), .init("sha256", .text(Self.digest)), .init("size", .integer(0))])
    json.set("files", to: .array(Array(repeating: file, count: Limits.filesPerRelease + 1)))
    #expect(throws: WireError.invalid(path: "files", expected: "at most 64 elements", found: "an array of 65")) {
      try ManifestCodec.decode(json.bytes)
    }
    let padded = Array(Self.good.utf8) + Array(repeating: UInt8(ascii: " "), count: Limits.manifestBytes)
    #expect(throws: WireError.self) { try ManifestCodec.decode(padded) }
  }
}

extension String {
  fileprivate func replacingCharacters(_ range: Range<Index>, _ text: String) -> String {
    String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
  }
}
