import Domain
import Testing

@testable import understudy

/// What differs between two releases.
struct ReleaseDiffTests {
  static let manifest = Manifest(
    name: "loan", version: "1", createdAt: "2026-11-20T09:58:00Z", description: "first",
    inputs: [
      InputSpecification(column: .init(name: "age", datatype: .float32), minimum: 0),
      InputSpecification(
        column: .init(name: "state", datatype: .bytes), isOptional: true, defaultValue: .text("NY"),
        values: [.text("NY"), .text("FL")]),
    ],
    outputs: [OutputSpecification(column: .init(name: "score", datatype: .float32), minimum: 0, maximum: 1)],
    stages: [StageSpecification(role: .model, file: "model.onnx", inputs: ["X": "age"])],
    endToEndSet: EndToEndSet(file: "e.jsonl"),
    confidenceSet: ConfidenceSet(
      file: "c.jsonl", metric: .rocAUC, prediction: "score", positiveLabel: .int64(1), acceptableRange: 0.9...1,
      cost: ["1": ["0": 20]], slices: [.init(input: "state", maximumGap: 0.1)]),
    deadlineMilliseconds: 50,
    files: [.init(path: "model.onnx", sha256: String(repeating: "a", count: 64), size: 100)])

  private func changes(_ body: (inout Manifest) -> Void) -> [ReleaseDiff.Change] {
    var other = Self.manifest
    body(&other)
    return ReleaseDiff(Self.manifest, other).changes
  }

  @Test func `equal releases do not differ`() {
    #expect(changes { _ in } == [])
    let text = ReleaseDiffText(
      ReleaseDiff(Self.manifest, Self.manifest), MeasuredDiff(GateReport(), GateReport()), before: "loan 1",
      after: "loan 1"
    ).text
    #expect(text.hasPrefix("loan 1 and loan 1: no difference\n"))
  }

  @Test func `inputs are added, removed and changed`() {
    let found = changes { manifest in
      manifest.inputs.removeFirst()
      manifest.inputs[0].values = nil
      manifest.inputs.append(InputSpecification(column: .init(name: "pixels", datatype: .int64, width: 64)))
    }
    #expect(
      found == [
        .init(part: "inputs", name: "age", before: "FP32, at least 0", after: nil),
        .init(
          part: "inputs", name: "state", before: #"BYTES, one of "NY" "FL", optional, default "NY""#,
          after: #"BYTES, optional, default "NY""#),
        .init(part: "inputs", name: "pixels", before: nil, after: "INT64, width 64"),
      ])
  }

  @Test func `rules for texts and unknown fields are compared`() {
    let found = changes { manifest in
      manifest.unknownFields = .reject
      manifest.inputs[1].values = nil
      manifest.inputs[1].pattern = "[A-Z]+"
      manifest.inputs[1].minimumLength = 2
      manifest.inputs[1].maximumLength = 3
    }
    #expect(
      found == [
        .init(part: "manifest", name: "unknown_fields", before: nil, after: "reject"),
        .init(
          part: "inputs", name: "state", before: #"BYTES, one of "NY" "FL", optional, default "NY""#,
          after: #"BYTES, matching "[A-Z]+", from 2 characters, up to 3 characters, optional, default "NY""#),
      ])
  }

  @Test func `every part of a manifest is compared`() {
    let found = changes { manifest in
      manifest.version = "2"
      manifest.outputs[0].maximum = nil
      manifest.stages[0].inputs = [:]
      manifest.stages.append(StageSpecification(role: .scoring, file: "scoring.onnx"))
      manifest.endToEndSet?.absoluteTolerance = 0.5
      manifest.confidenceSet?.cost["1"] = ["0": 30]
      manifest.confidenceSet?.slices = []
      manifest.deadlineMilliseconds = nil
      manifest.maximumSlowdown = 3
      manifest.files[0].size = 200
    }
    #expect(
      found == [
        .init(part: "manifest", name: "version", before: "1", after: "2"),
        .init(part: "outputs", name: "score", before: "FP32, at least 0, at most 1", after: "FP32, at least 0"),
        .init(part: "stages", name: "model", before: "onnx model.onnx, inputs X=age", after: "onnx model.onnx"),
        .init(part: "stages", name: "scoring", before: nil, after: "onnx scoring.onnx"),
        .init(part: "end_to_end_set", name: "absolute_tolerance", before: "1e-06", after: "0.5"),
        .init(part: "confidence_set", name: "cost of 0 for 1", before: "20", after: "30"),
        .init(part: "confidence_set", name: "slices by state", before: "gap at most 0.1, from 50 rows", after: nil),
        .init(part: "limits", name: "deadline_ms", before: "50", after: nil),
        .init(part: "limits", name: "max_slowdown", before: nil, after: "3"),
        .init(part: "files", name: "model.onnx", before: "aaaaaaaaaaaa… 100 B", after: "aaaaaaaaaaaa… 200 B"),
      ])
  }

  @Test func `figures stand side by side, slices by their names`() {
    var before = GateReportTextTests.refused
    before.resources = nil
    var after = before
    after.refusal = nil
    after.endToEnd?.failedRows = 0
    after.confidence?.value = 0.99
    after.confidence?.slices = [.init(input: "state", value: #""TX""#, rows: 70, metric: 0.75, isJudged: true)]
    let figures = MeasuredDiff(before, after).figures
    #expect(
      figures == [
        .init(name: "gate", before: "refused: end_to_end_failed", after: "passed"),
        .init(name: "end-to-end rows failed", before: "1 of 24", after: "0 of 24"),
        .init(name: "roc_auc", before: "0.9312 on 170 rows", after: "0.99 on 170 rows"),
        .init(name: #"roc_auc where state is "AK""#, before: "not defined on 3 rows", after: nil),
        .init(name: #"roc_auc where state is "TX""#, before: "0.5 on 60 rows", after: "0.75 on 70 rows"),
        .init(name: "gap by state", before: "not defined", after: "not defined"),
      ])
  }

  @Test func `a text names what was added, removed and changed`() {
    var other = Self.manifest
    other.version = "2"
    other.deadlineMilliseconds = nil
    let text = ReleaseDiffText(
      ReleaseDiff(Self.manifest, other), MeasuredDiff(GateReport(isUngated: true), GateReport()), before: "loan 1",
      after: "loan 2"
    ).text
    #expect(
      text == """
        loan 1 and loan 2: 2 differences

        PART      NAME                  BEFORE  AFTER
        manifest  version      changed  1       2
        limits    deadline_ms  removed  50      -

        ON ITS OWN SETS  BEFORE   AFTER
        gate             ungated  passed
        """)
  }
}
