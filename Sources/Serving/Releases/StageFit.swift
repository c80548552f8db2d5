import Domain

/// How the stages of a release find their columns: checked once, when the release is loaded (promise P2).
package struct StageFit: Sendable, Equatable {
  /// The layout of the release's `Columns`: the manifest's inputs, then what each stage makes.
  package private(set) var layout: [ColumnDescriptor]
  /// One for each stage, in order.
  package private(set) var bindings: [StageBinding] = []
  /// For each output of the manifest its position in `layout`.
  package private(set) var outputs: [Int] = []
  /// Where the rules of the guard find their columns.
  private(set) var guardFit = GuardFit()

  private var makers: [String]
  private var consumed: Set<Int> = []

  /// Fits stages to a manifest.
  /// - Throws: a `stage_mismatch` that names both ends.
  package init(manifest: Manifest, signatures: [StageSignature]) throws(Refusal) {
    layout = manifest.inputs.map(\.column)
    makers = manifest.inputs.map { _ in "the manifest's inputs" }
    for (stage, signature) in zip(manifest.stages, signatures) {
      try checkNames(stage, signature)
      var inputs: [Int] = []
      for input in signature.inputs { inputs.append(try bind(input, of: stage, signature)) }
      var made: [Int] = []
      for output in signature.outputs { made.append(try add(output, of: stage)) }
      consumed.formUnion(inputs)
      bindings.append(StageBinding(inputs: inputs, outputs: made))
    }
    for output in manifest.outputs { outputs.append(try find(output.column)) }
    guardFit = try GuardFit(manifest, layout: layout)
  }

  private func checkNames(_ stage: StageSpecification, _ signature: StageSignature) throws(Refusal) {
    for (word, mapping, tensors) in [
      ("inputs", stage.inputs, signature.inputs), ("outputs", stage.outputs, signature.outputs),
    ] {
      let names = tensors.map(\.name)
      if let unknown = mapping.keys.sorted().first(where: { !names.contains($0) }) {
        throw Refusal(
          .stageMismatch,
          "stages.\(stage.role.rawValue).\(word) names \(unknown), but \(stage.file) has the \(word) \(names.joined(separator: ", "))"
        )
      }
    }
  }

  private func bind(
    _ input: ColumnDescriptor, of stage: StageSpecification, _ signature: StageSignature
  ) throws(Refusal) -> Int {
    let name = stage.inputs[input.name] ?? input.name
    var position = layout.firstIndex { $0.name == name }
    if position == nil, stage.inputs[input.name] == nil, signature.inputs.count == 1 {
      let left = layout.indices.filter { !consumed.contains($0) }
      if left.count == 1 { position = left[0] }
    }
    guard let position else {
      throw Refusal(
        .stageMismatch,
        "\(stage.file) needs \(input), but neither the manifest's inputs nor an earlier stage make a column \(name); there are "
          + "\(layout.map(\.name).joined(separator: ", ")); map it in stages.\(stage.role.rawValue).inputs")
    }
    let column = layout[position]
    guard column.datatype == input.datatype, column.width == input.width else {
      throw Refusal(
        .stageMismatch,
        "\(stage.file) needs \(input), but \(makers[position]) make \(column)")
    }
    return position
  }

  private mutating func add(_ output: ColumnDescriptor, of stage: StageSpecification) throws(Refusal) -> Int {
    let name = stage.outputs[output.name] ?? output.name
    if let position = layout.firstIndex(where: { $0.name == name }) {
      throw Refusal(
        .stageMismatch,
        "\(stage.file) makes \(name), which \(makers[position]) make already; rename it in stages.\(stage.role.rawValue).outputs"
      )
    }
    layout.append(ColumnDescriptor(name: name, datatype: output.datatype, width: output.width))
    makers.append("the outputs of \(stage.file)")
    return layout.count - 1
  }

  private func find(_ output: ColumnDescriptor) throws(Refusal) -> Int {
    guard let position = layout.firstIndex(where: { $0.name == output.name }) else {
      throw Refusal(
        .stageMismatch,
        "the manifest promises the output \(output), but no stage makes it; there are \(layout.map(\.name).joined(separator: ", "))"
      )
    }
    guard layout[position] == output else {
      throw Refusal(
        .stageMismatch, "the manifest promises the output \(output), but \(makers[position]) make \(layout[position])")
    }
    return position
  }
}
