import Domain
import Testing
import Wire

/// Patterns, lengths and what becomes of unknown fields, as manifests say them.
@Suite struct TextRuleTests {
  private static func manifest(_ input: String, datatype: String = "BYTES", policy: String = "") -> [UInt8] {
    Array(
      #"""
      {"schema":"understudy.release/v1","name":"loan","version":"1",\#(policy)
       "inputs":[{"name":"code","datatype":"\#(datatype)",\#(input)}],
       "outputs":[{"name":"score","datatype":"FP32"}],
       "stages":{"model":{"engine":"onnx","file":"model.onnx"}}}
      """#.utf8)
  }

  @Test func `rules for texts are read and written back`() throws {
    let manifest = try ManifestCodec.decode(
      Self.manifest(
        #""pattern":"[A-Z]{2}\\d+","minimum_length":3,"maximum_length":5.0,"optional":true,"default":"AB1","values":["AB1","CD23"]"#,
        policy: #""unknown_fields":"reject","#))
    #expect(manifest.inputs[0].pattern == #"[A-Z]{2}\d+"#)
    #expect(manifest.inputs[0].minimumLength == 3 && manifest.inputs[0].maximumLength == 5)
    #expect(manifest.unknownFields == .reject)
    #expect(try ManifestCodec.decode(ManifestCodec.encode(manifest)) == manifest)
  }

  @Test func `without rules for texts a manifest ignores unknown fields and allows any text`() throws {
    let manifest = try ManifestCodec.decode(Self.manifest(#""width":2"#))
    #expect(manifest.unknownFields == .ignore && manifest.inputs[0].pattern == nil)
    #expect(manifest.inputs[0].minimumLength == nil && manifest.inputs[0].maximumLength == nil)
    let text = String(decoding: ManifestCodec.encode(manifest), as: UTF8.self)
    #expect(!text.contains("unknown_fields") && !text.contains("pattern") && !text.contains("length"))
    #expect(try ManifestCodec.decode(Self.manifest(#""width":1"#, policy: #""unknown_fields":"ignore","#)) != manifest)
  }

  private static let broken: [(input: String, datatype: String, message: String)] = [
    (
      #""pattern":"a(b""#, "BYTES",
      #"inputs[0].pattern: expected a regular expression that RE2 takes, got "a(b" (missing ): a(b)"#
    ),
    (
      #""pattern":"(?=a)b""#, "BYTES",
      #"inputs[0].pattern: expected a regular expression that RE2 takes, got "(?=a)b" (invalid perl operator: (?=)"#
    ),
    (
      #""pattern":"(a)\\1""#, "BYTES",
      #"inputs[0].pattern: expected a regular expression that RE2 takes, got "(a)\\1" (invalid escape sequence: \1)"#
    ),
    (
      #""pattern":"((\\pL{1,50}){1,50}){1,10}""#, "BYTES",
      #"inputs[0].pattern: expected a regular expression that RE2 takes, got "((\\pL{1,50}){1,50}){1,10}" (invalid repetition size: {1,50})"#
    ),
    (
      #""pattern":"\\pL{1,999}""#, "BYTES",
      #"inputs[0].pattern: expected a regular expression that RE2 takes, got "\\pL{1,999}" (pattern too large - compile failed)"#
    ),
    (#""pattern":7"#, "BYTES", "inputs[0].pattern: expected a string, got 7"),
    (#""pattern":"a""#, "FP32", #"inputs[0].pattern: expected no pattern, since FP32 is no text, got "a""#),
    (
      #""minimum_length":1"#, "INT64",
      "inputs[0].minimum_length: expected no bound, since INT64 has no length, got 1"
    ),
    (#""maximum_length":1"#, "BOOL", "inputs[0].maximum_length: expected no bound, since BOOL has no length, got 1"),
    (
      #""minimum_length":-1"#, "BYTES",
      "inputs[0].minimum_length: expected an integer from 0 to 1073741824, got -1"
    ),
    (
      #""maximum_length":1.5"#, "BYTES",
      "inputs[0].maximum_length: expected an integer from 0 to 1073741824, got 1.5"
    ),
    (
      #""minimum_length":3,"maximum_length":2"#, "BYTES",
      "inputs[0].maximum_length: expected at least the minimum_length, 3, got 2"
    ),
    (
      #""pattern":"[a-z]+","default":"A""#, "BYTES",
      #"inputs[0].default: expected a text that matches the pattern, "[a-z]+", got "A""#
    ),
    (
      #""pattern":"[a-z]+","values":["a","b1"]"#, "BYTES",
      #"inputs[0].values[1]: expected a text that matches the pattern, "[a-z]+", got "b1""#
    ),
    (
      #""minimum_length":2,"default":"é""#, "BYTES",
      #"inputs[0].default: expected at least the minimum_length, 2 characters, got 1: "é""#
    ),
    (
      #""maximum_length":1,"values":["é","éé"]"#, "BYTES",
      #"inputs[0].values[1]: expected at most the maximum_length, 1 character, got 2: "éé""#
    ),
  ]

  @Test(arguments: broken.indices)
  func `P4: a rule for texts that cannot hold is refused with its place`(number: Int) {
    let (input, datatype, message) = Self.broken[number]
    #expect(throws: WireError.self) { try ManifestCodec.decode(Self.manifest(input, datatype: datatype)) }
    do {
      _ = try ManifestCodec.decode(Self.manifest(input, datatype: datatype))
    } catch {
      #expect(error.description == message)
    }
  }

  @Test func `P4: a policy for unknown fields that we do not know is refused`() {
    let bytes = Self.manifest(#""width":1"#, policy: #""unknown_fields":"drop","#)
    do {
      _ = try ManifestCodec.decode(bytes)
      Issue.record("it was taken")
    } catch {
      #expect(error.description == #"unknown_fields: expected one of "ignore", "reject", got "drop""#)
    }
  }

  @Test func `P8: patterns have a bound in length and in number`() {
    for (count, isGood) in [(Limits.patternBytes, true), (Limits.patternBytes + 1, false)] {
      let input = #""pattern":"\#(String(repeating: "a", count: count))""#
      #expect(((try? ManifestCodec.decode(Self.manifest(input))) != nil) == isGood)
    }
    for (count, isGood) in [(Limits.patternsPerRelease, true), (Limits.patternsPerRelease + 1, false)] {
      let others = (1..<count).map { #",{"name":"i\#($0)","datatype":"BYTES","pattern":"a"}"# }.joined()
      let input = #""pattern":"a"}\#(others),{"name":"last","datatype":"BYTES","width":1"#
      #expect(((try? ManifestCodec.decode(Self.manifest(input))) != nil) == isGood)
    }
  }

  @Test func `P8: a match takes time in proportion to the text, whatever the pattern`() {
    // One that backtracks needs 2^n steps for n letters.
    let schema = RequestSchema(
      inputs: [InputSpecification(column: .init(name: "code", datatype: .bytes), pattern: "(a*)*(a|aa)+b")],
      outputs: [], maximumRows: 1)
    let request = Array(#"{"code":"\#(String(repeating: "a", count: 1_000_000))"}"#.utf8)
    var columns = Columns(schema.inputs.map(\.column))
    var table = RequestTable()
    unsafe JSONRequestDecoder().decode(request.span.bytes, schema: schema, columns: &columns, table: &table)
    #expect(table.failures.map(\.reason) == [.outOfRange])
    #expect(table.failures[0].message.hasPrefix(#"code: expected a text that matches "(a*)*(a|aa)+b", got "aaaa"#))
  }
}
