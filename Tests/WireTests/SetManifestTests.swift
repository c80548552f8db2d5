import Domain
import Testing
import Wire

/// Test sets and limits in a manifest.
struct SetManifestTests {
  static let sets = #"""
    "end_to_end_set":{"file":"e.jsonl","relative_tolerance":1e-3,"absolute_tolerance":0},
    "confidence_set":{"file":"c.jsonl","metric":"roc_auc","prediction":"probability","positive_label":"repaid","acceptable_range":[0.93,1.0],
      "cost":{"repaid":{"defaulted":1},"defaulted":{"repaid":20}},"maximum_cost_ratio":1.05,
      "slices":[{"input":"salary_range","acceptable_range":[0.9,1.0],"maximum_gap":0.05,"minimum_rows":40},{"input":"member"}]},
    "limits":{"max_rows":512,"deadline_ms":50,"max_slowdown":3}
    """#

  static func manifest(_ sets: String) -> [UInt8] {
    Array(
      #"""
      {"schema":"understudy.release/v1","name":"car-loan","version":"1",
       "inputs":[{"name":"car_value","datatype":"FP32"},{"name":"salary_range","datatype":"BYTES"},
                 {"name":"member","datatype":"BOOL"},{"name":"pixels","datatype":"INT64","width":4}],
       "outputs":[{"name":"probability","datatype":"FP32"},{"name":"label","datatype":"BYTES"},{"name":"other","datatype":"BYTES"},
                  {"name":"grade","datatype":"INT64"},{"name":"flag","datatype":"BOOL"},{"name":"both","datatype":"FP32","width":2}],
       "stages":{"model":{"engine":"onnx","file":"model.onnx"}},\#(sets)}
      """#.utf8)
  }

  @Test func `the sets of the contract's example are read`() throws {
    let manifest = try ManifestCodec.decode(Self.manifest(Self.sets))
    #expect(manifest.endToEndSet == EndToEndSet(file: "e.jsonl", relativeTolerance: 1e-3, absoluteTolerance: 0))
    #expect(
      manifest.confidenceSet
        == ConfidenceSet(
          file: "c.jsonl", metric: .rocAUC, prediction: "probability", positiveLabel: .text("repaid"),
          acceptableRange: 0.93...1, cost: ["repaid": ["defaulted": 1], "defaulted": ["repaid": 20]],
          maximumCostRatio: 1.05,
          slices: [
            .init(input: "salary_range", acceptableRange: 0.9...1, maximumGap: 0.05, minimumRows: 40),
            .init(input: "member"),
          ]))
    #expect(manifest.maximumRows == 512 && manifest.deadlineMilliseconds == 50 && manifest.maximumSlowdown == 3)
    #expect(try ManifestCodec.decode(ManifestCodec.encode(manifest)) == manifest)
  }

  @Test(arguments: ["1", "1.0", "1e0", "10e-1"])
  func `a whole number is one label however it is written`(number: String) throws {
    let set =
      #""confidence_set":{"file":"c","metric":"f1","prediction":"grade","positive_label":\#(number),"acceptable_range":[0,1]}"#
    let manifest = try ManifestCodec.decode(Self.manifest(set))
    #expect(manifest.confidenceSet?.positiveLabel == .int64(1))
    #expect(try ManifestCodec.decode(ManifestCodec.encode(manifest)) == manifest)
  }

  @Test(arguments: [-0x1p63, 0x1p63, -0x1p53, 0x1p53])
  func `a number that is too large to be told from its neighbours stays a number`(number: Double) throws {
    let set =
      #""confidence_set":{"file":"c","metric":"f1","prediction":"grade","positive_label":\#(number),"acceptable_range":[0,1]}"#
    let manifest = try ManifestCodec.decode(Self.manifest(set))
    #expect(manifest.confidenceSet?.positiveLabel == .number(number))
  }

  @Test(arguments: [
    (#""acc","#, "accuracy", "label", Value?.none), (#""m","#, "f1", "grade", .int64(1)),
    ("", "precision", "flag", .bool(true)), ("", "recall", "probability", .number(0.5)),
    ("", "brier", "probability", .bool(false)), ("", "rmse", "grade", nil),
  ])
  func `labels may be texts, integers, numbers and truth values`(
    _: String, metric: String, prediction: String, label: Value?
  ) throws {
    let text =
      switch label {
      case .int64(let integer)?: "\(integer)"
      case .number(let number)?: "\(number)"
      case .bool(let value)?: "\(value)"
      case .text, nil: "null"
      }
    let set =
      #""confidence_set":{"file":"c","metric":"\#(metric)","prediction":"\#(prediction)","positive_label":\#(text),"acceptable_range":[0,9]}"#
    let manifest = try ManifestCodec.decode(Self.manifest(set))
    #expect(manifest.confidenceSet?.positiveLabel == label)
    #expect(try ManifestCodec.decode(ManifestCodec.encode(manifest)) == manifest)
  }

  @Test func `what is not declared has the defaults of the contract`() throws {
    let manifest = try ManifestCodec.decode(Self.manifest(#""end_to_end_set":{"file":"e"},"limits":{}"#))
    #expect(manifest.endToEndSet == EndToEndSet(file: "e", relativeTolerance: 1e-4, absoluteTolerance: 1e-6))
    #expect(manifest.confidenceSet == nil && manifest.deadlineMilliseconds == nil && manifest.maximumSlowdown == nil)
  }

  /// Every rule: what is put in place of what, and the message.
  static let broken: [(from: String, to: String, message: String)] = [
    (
      #""relative_tolerance":1e-3"#, #""relative_tolerance":-1"#,
      "end_to_end_set.relative_tolerance: expected a number of at least 0, got -1"
    ),
    (
      #""absolute_tolerance":0"#, #""absolute_tolerance":"0""#,
      #"end_to_end_set.absolute_tolerance: expected a number, got "0""#
    ),
    (
      #""file":"e.jsonl""#, #""file":"../e""#,
      "end_to_end_set.file: expected a relative path of at most 200 bytes, without empty, . and .. parts and backslashes, got \"../e\""
    ),
    (
      #""roc_auc""#, #""auc""#,
      #"confidence_set.metric: expected one of "accuracy", "precision", "recall", "f1", "roc_auc", "log_loss", "brier", "rmse"…, got "auc""#
    ),
    (#""prediction":"probability","#, "", "confidence_set.prediction: expected a string, got nothing"),
    (
      #""prediction":"probability""#, #""prediction":"p""#,
      #"confidence_set.prediction: expected an output of the manifest, got "p""#
    ),
    (
      #""prediction":"probability""#, #""prediction":"both""#,
      "confidence_set.prediction: expected an output of width 1, got both (FP32, width 2)"
    ),
    (
      #""prediction":"probability""#, #""prediction":"label""#,
      "confidence_set.prediction: expected an output of FP32 or FP64 for roc_auc, got label (BYTES, width 1)"
    ),
    (
      #""roc_auc","prediction":"probability""#, #""r2","prediction":"label""#,
      "confidence_set.prediction: expected an output of FP32, FP64 or INT64 for r2, got label (BYTES, width 1)"
    ),
    (
      #""positive_label":"repaid","#, "",
      "confidence_set.positive_label: expected the label that roc_auc is of, got nothing"
    ),
    (
      #""positive_label":"repaid""#, #""positive_label":["repaid"]"#,
      "confidence_set.positive_label: expected a label: a string, a number, true or false, got an array of 1"
    ),
    (
      #""roc_auc","prediction":"probability","positive_label":"repaid""#, #""f1","prediction":"label""#,
      "confidence_set.positive_label: expected the label that f1 is of, got nothing"
    ),
    (
      #""roc_auc","prediction":"probability","positive_label":"repaid""#,
      #""f1","prediction":"grade","positive_label":"1""#,
      #"confidence_set.positive_label: expected a number, as grade (INT64, width 1) makes, got "1""#
    ),
    (
      #""roc_auc","#, #""roc_auc","average":"macro","#,
      #"confidence_set.average: expected "macro" for precision, recall and f1 only, got "macro""#
    ),
    (
      #""roc_auc","#, #""roc_auc","average":"micro","#,
      #"confidence_set.average: expected one of "binary", "macro", got "micro""#
    ),
    (
      "[0.93,1.0]", "[1,0.93]",
      "confidence_set.acceptable_range: expected two numbers, the lower one first, got [1, 0.93]"
    ),
    (
      "[0.93,1.0]", "[1]",
      "confidence_set.acceptable_range: expected two numbers, the lower one first, got an array of 1"
    ),
    (
      #","acceptable_range":[0.93,1.0]"#, "",
      "confidence_set.acceptable_range: expected two numbers, the lower one first, got nothing"
    ),
    (
      #""cost""#, #""decision":"missing","cost""#,
      #"confidence_set.decision: expected an output of the manifest, got "missing""#
    ),
    (
      #""cost""#, #""decision":"grade","cost""#,
      "confidence_set.decision: expected an output that holds a string, as labels do, got grade (INT64, width 1)"
    ),
    (
      #"{"defaulted":1}"#, #"{"defaulted":-1}"#,
      "confidence_set.cost.repaid.defaulted: expected a number of at least 0, got -1"
    ),
    (#"{"defaulted":1}"#, "7", "confidence_set.cost.repaid: expected an object, got 7"),
    (
      #"{"defaulted":1}"#, #"{"late":1}"#,
      #"confidence_set.cost: expected "repaid" and one other label, since no output holds the decision, got "defaulted", "late", "repaid""#
    ),
    (
      #""roc_auc","prediction":"probability","positive_label":"repaid""#, #""mae","prediction":"grade""#,
      "confidence_set.decision: expected the output that holds the class, since costs are declared, got nothing"
    ),
    (
      #""maximum_cost_ratio":1.05"#, #""maximum_cost_ratio":0"#,
      "confidence_set.maximum_cost_ratio: expected a number above 0, got 0"
    ),
    (
      #""input":"salary_range""#, #""input":"salary""#,
      #"confidence_set.slices[0].input: expected an input of the manifest, got "salary""#
    ),
    (
      #""input":"salary_range""#, #""input":"car_value""#,
      "confidence_set.slices[0].input: expected an input of BYTES, INT64 or BOOL and width 1, got car_value (FP32, width 1)"
    ),
    (
      #""input":"salary_range""#, #""input":"pixels""#,
      "confidence_set.slices[0].input: expected an input of BYTES, INT64 or BOOL and width 1, got pixels (INT64, width 4)"
    ),
    (
      #"{"input":"member"}"#, #"{"input":"salary_range"}"#,
      #"confidence_set.slices[1].input: expected each input once, got "salary_range" again"#
    ),
    (
      #""maximum_gap":0.05"#, #""maximum_gap":-0.05"#,
      "confidence_set.slices[0].maximum_gap: expected a number of at least 0, got -0.05"
    ),
    (
      #""minimum_rows":40"#, #""minimum_rows":0"#,
      "confidence_set.slices[0].minimum_rows: expected an integer from 1 to 1048576, got 0"
    ),
    ("[0.9,1.0]", "7", "confidence_set.slices[0].acceptable_range: expected two numbers, the lower one first, got 7"),
    (#""deadline_ms":50"#, #""deadline_ms":0"#, "limits.deadline_ms: expected a number above 0, got 0"),
    (
      #""deadline_ms":50"#, #""deadline_ms":1e9"#,
      "limits.deadline_ms: expected at most 3600000 milliseconds, got 1e+09"
    ),
    (#""max_slowdown":3"#, #""max_slowdown":-3"#, "limits.max_slowdown: expected a number above 0, got -3"),
  ]

  @Test(arguments: broken.indices)
  func `P3: a set that cannot be judged is refused, and the message names the place`(number: Int) {
    let (from, to, message) = Self.broken[number]
    #expect(Self.sets.contains(from))
    do throws(WireError) {
      _ = try ManifestCodec.decode(Self.manifest(Self.sets.replacing(from, with: to, maxReplacements: 1)))
      Issue.record("accepted \(to)")
    } catch {
      #expect(error.description == message)
    }
  }

  @Test func `P8: more slices and labels than a report can hold are refused`() {
    let slices = Array(repeating: #"{"input":"member"}"#, count: Limits.slicesPerRelease + 1).joined(separator: ",")
    #expect(throws: WireError.self) {
      try ManifestCodec.decode(Self.manifest(Self.sets.replacing(#"{"input":"member"}"#, with: slices)))
    }
    let costs = (0...Limits.classesPerCost).map { #""\#($0)":1"# }.joined(separator: ",")
    #expect(
      throws: WireError.invalid(
        path: "confidence_set.cost.repaid", expected: "at most 1000 labels", found: "an object")
    ) {
      try ManifestCodec.decode(Self.manifest(Self.sets.replacing(#""defaulted":1"#, with: costs)))
    }
  }

  @Test func `the decision is the named output, the prediction, the only output like the label, or one half`() throws {
    func rule(_ change: (inout ConfidenceSet) -> Void, without names: [String] = []) throws -> DecisionRule? {
      let manifest = try ManifestCodec.decode(Self.manifest(Self.sets))
      var set = try #require(manifest.confidenceSet)
      change(&set)
      return DecisionRule(set, outputs: manifest.outputs.filter { !names.contains($0.column.name) })
    }
    #expect(try rule { $0.decision = "grade" } == .output("grade"))
    #expect(try rule { ($0.metric, $0.prediction) = (.accuracy, "flag") } == .output("flag"))
    #expect(try rule({ _ in }, without: ["other"]) == .output("label"))
    let half = DecisionRule.threshold(output: "probability", positive: Label(.text("repaid")), other: "defaulted")
    #expect(try rule { _ in } == half)
    #expect(try rule { $0.metric = .rmse } == nil)
  }
}
