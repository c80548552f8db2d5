import Domain
import Testing
import Wire

/// The guard of a manifest, its outputs' rules and its fourth stage.
struct GuardManifestTests {
  static let rules = #"""
    "guard":{"safeguard":{"column":"risk","maximum":0.3,"above":"prompt"},
      "confidence":{"column":"p","minimum":0.8,"below":"alternatives"},
      "error_cost":{"decision":"label","actions":{"approve":{"cost":1000,"maximum":50},"decline":{"cost":100,"maximum":20,"above":"fall_back"}}},
      "moving_averages":[{"output":"price","rows":500,"deviations":4,"minimum_rows":50},{"output":"grade","deviations":3}],
      "alternatives":{"column":"p","labels":["approve","decline"],"count":2},
      "constant":{"label":"decline","price":0.5,"grade":1,"flag":true,"both":[1,2]}}
    """#

  static func manifest(_ rules: String, stage: String = #""safeguard":{"engine":"onnx","file":"safeguard.onnx"}"#)
    -> [UInt8]
  {
    let stages = #""model":{"engine":"onnx","file":"model.onnx"}"# + (stage.isEmpty ? "" : ",\(stage)")
    return Array(
      #"""
      {"schema":"understudy.release/v1","name":"car-loan","version":"1",
       "inputs":[{"name":"x","datatype":"FP32"}],
       "outputs":[{"name":"label","datatype":"BYTES","values":["approve","decline"]},
                  {"name":"price","datatype":"FP32","minimum":0,"maximum":100},{"name":"grade","datatype":"INT64","values":[1,2]},
                  {"name":"flag","datatype":"BOOL"},{"name":"both","datatype":"FP64","width":2}],
       "stages":{\#(stages)},\#(rules)}
      """#.utf8)
  }

  @Test func `a guard with every rule is read, and written as it was`() throws {
    let manifest = try ManifestCodec.decode(Self.manifest(Self.rules))
    #expect(
      manifest.answerGuard
        == AnswerGuard(
          safeguard: SafeguardRule(column: "risk", maximum: 0.3, above: .prompt),
          confidence: ConfidenceRule(column: "p", minimum: 0.8, below: .alternatives),
          errorCost: ErrorCostRule(
            decision: "label",
            actions: [
              "approve": .init(cost: 1000, maximum: 50), "decline": .init(cost: 100, maximum: 20, above: .fallBack),
            ]),
          movingAverages: [
            MovingAverageRule(output: "price", rows: 500, deviations: 4, minimumRows: 50),
            MovingAverageRule(output: "grade", deviations: 3),
          ],
          alternatives: AlternativesRule(column: "p", labels: [.text("approve"), .text("decline")], count: 2),
          constant: [
            [.text("decline")], [.number(0.5)], [.int64(1)], [.bool(true)], [.number(1), .number(2)],
          ]))
    #expect(manifest.outputs[0].values == [.text("approve"), .text("decline")])
    #expect(manifest.stages.map(\.role) == [.model, .safeguard])
    #expect(try ManifestCodec.decode(ManifestCodec.encode(manifest)) == manifest)
  }

  @Test func `without a guard there is none`() throws {
    let manifest = try ManifestCodec.decode(Self.manifest(#""limits":{}"#, stage: ""))
    #expect(manifest.answerGuard == nil)
    #expect(try ManifestCodec.decode(ManifestCodec.encode(manifest)) == manifest)
  }

  /// What is broken, by what, and what is said.
  static let broken: [(String, String, String)] = [
    (
      #""moving_averages":"#, #""moving_average":"#,
      #"guard: expected one of safeguard, confidence, error_cost, moving_averages, alternatives, constant, got moving_average"#
    ),
    (
      #""above":"prompt""#, #""above":"shout""#,
      #"guard.safeguard.above: expected one of "abstain", "prompt", "alternatives", "fall_back", got "shout""#
    ),
    (#""minimum":0.8"#, #""minimum":80"#, "guard.confidence.minimum: expected a confidence from 0 to 1, got 80"),
    (#""minimum":0.8"#, #""floor":0.8"#, "guard.confidence: expected one of column, binary, minimum, below, got floor"),
    (
      #""column":"p","minimum":0.8"#, #""minimum":0.8"#, "guard.confidence.column: expected a string, got nothing"
    ),
    (
      #""cost":1000"#, #""cost":-1"#,
      "guard.error_cost.actions.approve.cost: expected a number of at least 0, got -1"
    ),
    (
      #""decision":"label""#, #""decision":"price""#,
      "guard.error_cost.decision: expected an output of BYTES, INT64 or BOOL and width 1, got price (FP32, width 1)"
    ),
    (
      #""decision":"label""#, #""decision":"lab""#,
      #"guard.error_cost.decision: expected an output of the manifest, got "lab""#
    ),
    (
      #""approve":{"cost""#, #""aprove":{"cost""#,
      #"guard.error_cost.actions: expected one of "approve", "decline", got "aprove""#
    ),
    (
      #""decision":"label","actions":{"approve""#, #""decision":"grade","actions":{"approve""#,
      #"guard.error_cost.actions: expected a number, as grade (INT64, width 1) makes, got "approve""#
    ),
    (
      #""decision":"label","actions":{"approve""#, #""decision":"flag","actions":{"yes""#,
      #"guard.error_cost.actions: expected true or false, as flag (BOOL, width 1) makes, got "decline""#
    ),
    (
      #""output":"price""#, #""output":"both""#,
      "guard.moving_averages[0].output: expected an output of FP32, FP64 or INT64 and width 1, got both (FP64, width 2)"
    ),
    (
      #""output":"grade""#, #""output":"price""#,
      #"guard.moving_averages[1].output: expected each output once, got "price" again"#
    ),
    (
      #""deviations":4"#, #""deviations":0"#,
      "guard.moving_averages[0].deviations: expected a number of at least 2, got 0"
    ),
    (
      #""rows":500"#, #""rows":1"#,
      "guard.moving_averages[0].rows: expected an integer from 2 to 10000000, got 1"
    ),
    (
      #""labels":["approve","decline"]"#, #""labels":["approve"]"#,
      "guard.alternatives.labels: expected at least two labels, got an array of 1"
    ),
    (#""count":2"#, #""count":21"#, "guard.alternatives.count: expected an integer from 1 to 20, got 21"),
    (
      #""alternatives":{"column""#, #""other":{"column""#,
      #"guard: expected one of safeguard, confidence, error_cost, moving_averages, alternatives, constant, got other"#
    ),
    (#""price":0.5"#, #""price":101"#, "guard.constant.price: expected at most the maximum, 100, got 101"),
    (#""price":0.5"#, #""price":-0.5"#, "guard.constant.price: expected at least the minimum, 0, got -0.5"),
    (
      #"{"label":"decline","#, #"{"label":"maybe","#,
      #"guard.constant.label: expected one of "approve", "decline", got "maybe""#
    ),
    (#"{"label":"decline","#, "{", "guard.constant.label: expected a string, got nothing"),
    (#""both":[1,2]"#, #""both":[1]"#, "guard.constant.both: expected an array of 2, got an array of 1"),
    (
      #""both":[1,2]"#, #""both":[1,2],"none":1"#,
      "guard.constant: expected one of label, price, grade, flag, both, got none"
    ),
    (
      #""values":["approve","decline"]"#, #""values":[]"#,
      "outputs[0].values: expected at least one value, got an array of 0"
    ),
    (#""values":[1,2]"#, #""values":[1,"two"]"#, #"outputs[2].values[1]: expected an integer, got "two""#),
    (
      #","safeguard":{"engine":"onnx","file":"safeguard.onnx"}"#, "",
      "stages.safeguard: expected the stage that makes the column of guard.safeguard, got nothing"
    ),
    (
      #""safeguard":{"column":"risk","maximum":0.3,"above":"prompt"},"#, "",
      "guard.safeguard: expected the rule that reads the column of stages.safeguard, got nothing"
    ),
  ]

  @Test(arguments: broken.indices)
  func `P4: a guard with a broken rule is refused, and the message names the place`(number: Int) throws {
    let (from, to, message) = Self.broken[number]
    let good = String(decoding: Self.manifest(Self.rules), as: UTF8.self)
    let range = try #require(good.firstRange(of: from), "not in the manifest: \(from)")
    do throws(WireError) {
      _ = try ManifestCodec.decode(Array(good.replacingCharacters(range, to).utf8))
      Issue.record("accepted \(to)")
    } catch {
      #expect(error.description == message)
    }
  }

  @Test func `P4: rules that need others are refused without them`() {
    for (rules, message) in [
      (
        #""guard":{"confidence":{"column":"p"}}"#,
        "guard.confidence.minimum: expected a confidence from 0 to 1, since there is no error_cost to use it, got nothing"
      ),
      (
        #""guard":{"error_cost":{"decision":"label","actions":{"approve":{"cost":1,"maximum":1}}}}"#,
        "guard.confidence: expected the column that holds the confidence, which error_cost needs, got nothing"
      ),
      (
        #""guard":{"confidence":{"column":"p","minimum":0.5,"below":"alternatives"}}"#,
        #"guard.confidence.below: expected an action other than "alternatives", since guard.alternatives is missing, got "alternatives""#
      ),
    ] {
      do throws(WireError) {
        _ = try ManifestCodec.decode(Self.manifest(rules, stage: ""))
        Issue.record("accepted \(rules)")
      } catch {
        #expect(error.description == message)
      }
    }
  }
}

extension String {
  fileprivate func replacingCharacters(_ range: Range<Index>, _ text: String) -> String {
    String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
  }
}
