import Domain

/// Reads the two test sets of a release.
///
/// What a requester would be refused for, such as a missing field, is left to the pipeline, which says it better.
package struct TestSetReader: Sendable {
  private let manifest: Manifest
  private let inputs: [String: InputSpecification]
  private let outputs: [String: Int]

  /// A reader for the sets of this manifest.
  package init(_ manifest: Manifest) {
    self.manifest = manifest
    inputs = Dictionary(manifest.inputs.map { ($0.column.name, $0) }, uniquingKeysWith: { first, _ in first })
    outputs = Dictionary(
      manifest.outputs.enumerated().map { ($1.column.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The rows of an end-to-end set's bytes.
  /// - Throws: `no_test_sets` that names file, line, path and what was expected; `too_large`.
  package func endToEndRows(_ bytes: [UInt8], of set: EndToEndSet) throws(Refusal) -> [EndToEndRow] {
    try TestSetLines(file: set.file).read(bytes) { row, line throws(WireError) in
      EndToEndRow(line: line, context: try context(row["inputs"]), expected: try expected(row["outputs"]))
    }
  }

  /// The rows of a confidence set's bytes.
  /// - Throws: as `endToEndRows`.
  package func confidenceRows(_ bytes: [UInt8], of set: ConfidenceSet) throws(Refusal) -> [ConfidenceRow] {
    let hasDecision = DecisionRule(set, outputs: manifest.outputs) != nil
    let kind = set.labelKind(manifest.outputs)
    var values = set.slices.map { _ in Set<String>() }
    return try TestSetLines(file: set.file).read(bytes) { row, line throws(WireError) in
      let context = try context(row["inputs"])
      let slices = set.slices.map { sliceValue(row["inputs"][$0.input], of: $0.input) }
      for (slice, value) in slices.enumerated() where values[slice].insert(value).inserted {
        guard values[slice].count <= Limits.valuesPerSlice else {
          throw .invalid(
            path: "inputs.\(set.slices[slice].input)",
            expected: "at most \(Limits.valuesPerSlice) values of an input that makes slices",
            found: Quotation.text(value))
        }
      }
      let label = try label(row["label"], kind)
      return ConfidenceRow(
        line: line, context: context, label: Label(label),
        number: set.metric.prediction == .numbers ? label.asNumber : nil,
        cost: try cost(row["cost"], hasDecision: hasDecision), slices: slices)
    }
  }

  // MARK: Parts

  private func context(_ reader: JSONReader) throws(WireError) -> [UInt8] {
    for (name, field) in try reader.fields() {
      guard let input = inputs[name] else {
        throw .invalid(path: field.path, expected: "an input of the manifest", found: Quotation.text(name))
      }
      // To a request's decoder names are bytes.
      guard name.utf8.elementsEqual(input.column.name.utf8) else {
        throw .invalid(
          path: field.path,
          expected: "the name composed of the same characters as in the manifest (Unicode's NFC or NFD)",
          found: Quotation.text(name))
      }
    }
    return reader.value?.bytes ?? []
  }

  private func expected(_ reader: JSONReader) throws(WireError) -> [EndToEndRow.Expected] {
    let fields = try reader.fields()
    guard !fields.isEmpty else { throw reader.error(expected: "at least one output") }
    var expected: [EndToEndRow.Expected] = []
    for (name, field) in fields {
      guard let output = outputs[name] else {
        throw .invalid(path: field.path, expected: "an output of the manifest", found: Quotation.text(name))
      }
      expected.append(.init(output: output, elements: try field.elements(of: manifest.outputs[output].column)))
    }
    return expected
  }

  private func label(_ reader: JSONReader, _ kind: Label.Kind?) throws(WireError) -> Value {
    let expected = kind?.rawValue ?? "a string, a number, true or false"
    guard let value = reader.value.flatMap(Value.init(label:)), kind == nil || Label(value).kind == kind else {
      throw reader.error(expected: "\(expected) as label")
    }
    return value
  }

  private func cost(_ reader: JSONReader, hasDecision: Bool) throws(WireError) -> Double? {
    guard reader.value != nil else { return nil }
    guard hasDecision else {
      throw reader.error(expected: "no cost, since no output tells a decision: name one as `decision`")
    }
    let cost = try reader.number()
    guard cost >= 0 else { throw reader.error(expected: "a number of at least 0") }
    return cost
  }

  /// What the release sees: the default where a field is missing.
  private func sliceValue(_ reader: JSONReader, of input: String) -> String {
    (reader.value ?? inputs[input]?.defaultValue.map(ManifestWriter.value) ?? .null).line
  }
}

extension Value {
  /// As a number, if it is one.
  package var asNumber: Double? {
    switch self {
    case .number(let number): number
    case .int64(let integer): Double(integer)
    case .bool, .text: nil
    }
  }
}
