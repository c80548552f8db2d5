import Domain

/// The test sets and limits of a manifest's document.
extension ManifestWriter {
  static func endToEndSet(_ set: EndToEndSet) -> JSON {
    .object([
      .init("file", .text(set.file)), .init("relative_tolerance", .number(set.relativeTolerance)),
      .init("absolute_tolerance", .number(set.absoluteTolerance)),
    ])
  }

  static func confidenceSet(_ set: ConfidenceSet) -> JSON {
    var json = JSON.object([
      .init("file", .text(set.file)), .init("metric", .text(set.metric.rawValue)),
    ])
    if set.average != .binary { json.set("average", to: .text(set.average.rawValue)) }
    json.set("prediction", to: .text(set.prediction))
    if let label = set.positiveLabel { json.set("positive_label", to: value(label)) }
    json.set("acceptable_range", to: range(set.acceptableRange))
    json.set("decision", toOptional: set.decision)
    if !set.cost.isEmpty {
      let rows = set.cost.sorted { $0.key < $1.key }.map { label, decisions in
        JSON.Field(
          label, .object(decisions.sorted { $0.key < $1.key }.map { .init($0.key, .number($0.value)) }))
      }
      json.set("cost", to: .object(rows))
    }
    if set.maximumCostRatio != 1 { json.set("maximum_cost_ratio", to: .number(set.maximumCostRatio)) }
    if !set.slices.isEmpty { json.set("slices", to: .array(set.slices.map(slice))) }
    return json
  }

  private static func slice(_ slice: ConfidenceSet.Slice) -> JSON {
    var json = JSON.object([.init("input", .text(slice.input))])
    if let bounds = slice.acceptableRange { json.set("acceptable_range", to: range(bounds)) }
    if let gap = slice.maximumGap { json.set("maximum_gap", to: .number(gap)) }
    json.set("minimum_rows", to: .integer(Int64(slice.minimumRows)))
    return json
  }

  static func range(_ range: ClosedRange<Double>) -> JSON {
    .array([.number(range.lowerBound), .number(range.upperBound)])
  }

  static func limits(_ manifest: Manifest) -> JSON {
    var json = JSON.object([.init("max_rows", .integer(Int64(manifest.maximumRows)))])
    if let deadline = manifest.deadlineMilliseconds { json.set("deadline_ms", to: .number(deadline)) }
    if let slowdown = manifest.maximumSlowdown { json.set("max_slowdown", to: .number(slowdown)) }
    return json
  }
}
