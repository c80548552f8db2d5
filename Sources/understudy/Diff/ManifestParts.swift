import Deployment
import Domain
import Wire

/// A manifest as names with texts, so that two can be compared and shown.
struct ManifestParts {
  /// Always the same parts in the same order.
  let parts: [(name: String, entries: [Entry])]

  struct Entry: Equatable {
    var name: String
    var text: String
  }

  init(_ manifest: Manifest) {
    parts = [
      ("manifest", Self.head(manifest)),
      ("inputs", manifest.inputs.map { Entry(name: $0.column.name, text: Self.text($0)) }),
      (
        "outputs",
        manifest.outputs.map { output in
          Entry(name: output.column.name, text: Self.text(output))
        }
      ),
      ("stages", manifest.stages.map { Entry(name: $0.role.rawValue, text: Self.text($0)) }),
      ("end_to_end_set", manifest.endToEndSet.map(Self.entries) ?? []),
      ("confidence_set", manifest.confidenceSet.map(Self.entries) ?? []),
      ("guard", manifest.answerGuard.map { Self.entries($0, manifest.outputs) } ?? []),
      ("limits", Self.limits(manifest)),
      (
        "files",
        manifest.files.map { Entry(name: $0.path, text: "\($0.sha256.prefix(12))… \(byteText(Int64($0.size)))") }
      ),
    ]
  }

  // MARK: Parts

  private static func head(_ manifest: Manifest) -> [Entry] {
    entries([
      ("name", manifest.name), ("version", manifest.version), ("created_at", manifest.createdAt),
      ("description", manifest.description.map { $0.shortened(toBytes: Limits.gateValueBytes) }),
      ("unknown_fields", manifest.unknownFields == .ignore ? nil : manifest.unknownFields.rawValue),
    ])
  }

  private static func entries(_ pairs: [(String, String?)]) -> [Entry] {
    pairs.compactMap { name, text in text.map { Entry(name: name, text: $0) } }
  }

  private static func text(_ column: ColumnDescriptor, minimum: Double?, maximum: Double?) -> String {
    var text = column.datatype.rawValue
    if column.width > 1 { text += ", width \(column.width)" }
    if let minimum { text += ", at least \(FigureText.number(minimum))" }
    if let maximum { text += ", at most \(FigureText.number(maximum))" }
    return text
  }

  private static func text(_ values: [Value]?) -> String {
    values.map { ", one of \($0.map { GateText.value([$0]) }.joined(separator: " "))" } ?? ""
  }

  private static func text(_ output: OutputSpecification) -> String {
    text(output.column, minimum: output.minimum, maximum: output.maximum) + text(output.values)
  }

  private static func text(_ input: InputSpecification) -> String {
    var text = text(input.column, minimum: input.minimum, maximum: input.maximum) + text(input.values)
    if let pattern = input.pattern { text += ", matching \(GateText.value([.text(pattern)]))" }
    if let length = input.minimumLength { text += ", from \(length) characters" }
    if let length = input.maximumLength { text += ", up to \(length) characters" }
    if input.isOptional { text += ", optional" }
    if let value = input.defaultValue { text += ", default \(GateText.value([value]))" }
    return text
  }

  private static func text(_ stage: StageSpecification) -> String {
    var text = "\(stage.engine) \(stage.file)"
    for (word, mapping) in [("inputs", stage.inputs), ("outputs", stage.outputs)] where !mapping.isEmpty {
      let pairs = mapping.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      text += ", \(word) \(pairs.joined(separator: " "))"
    }
    return text
  }

  private static func entries(_ set: EndToEndSet) -> [Entry] {
    entries([
      ("file", set.file), ("relative_tolerance", FigureText.number(set.relativeTolerance)),
      ("absolute_tolerance", FigureText.number(set.absoluteTolerance)),
    ])
  }

  private static func entries(_ set: ConfidenceSet) -> [Entry] {
    let costs = set.cost.sorted { $0.key < $1.key }.flatMap { label, decisions in
      decisions.sorted { $0.key < $1.key }.map { decision, cost in
        ("cost of \(decision) for \(label)", Optional(FigureText.number(cost)))
      }
    }
    let slices = set.slices.map { slice in
      (
        "slices by \(slice.input)",
        Optional(
          [
            slice.acceptableRange.map(FigureText.range),
            slice.maximumGap.map { "gap at most \(FigureText.number($0))" },
            "from \(FigureText.rows(slice.minimumRows))",
          ].compactMap(\.self).joined(separator: ", "))
      )
    }
    return entries(
      [
        ("file", set.file), ("metric", set.metric.rawValue), ("average", set.average.rawValue),
        ("prediction", set.prediction), ("positive_label", set.positiveLabel.map { GateText.value([$0]) }),
        ("acceptable_range", FigureText.range(set.acceptableRange)), ("decision", set.decision),
        ("maximum_cost_ratio", FigureText.number(set.maximumCostRatio)),
      ] + costs + slices)
  }

  private static func limits(_ manifest: Manifest) -> [Entry] {
    entries([
      ("max_rows", String(manifest.maximumRows)),
      ("deadline_ms", manifest.deadlineMilliseconds.map(FigureText.number)),
      ("max_slowdown", manifest.maximumSlowdown.map(FigureText.number)),
    ])
  }
}
