import Domain

/// Makes the document of a manifest.
enum ManifestWriter {
  /// The document, with optional fields only where they say something.
  static func json(_ manifest: Manifest) -> JSON {
    var json = JSON.object([
      .init("schema", .text(ManifestCodec.schema)), .init("name", .text(manifest.name)),
      .init("version", .text(manifest.version)),
    ])
    if let createdAt = manifest.createdAt { json.set("created_at", to: .text(createdAt)) }
    if let description = manifest.description { json.set("description", to: .text(description)) }
    json.set("inputs", to: .array(manifest.inputs.map(input)))
    if manifest.unknownFields != .ignore { json.set("unknown_fields", to: .text(manifest.unknownFields.rawValue)) }
    json.set("outputs", to: .array(manifest.outputs.map(output)))
    json.set("stages", to: .object(manifest.stages.map { .init($0.role.rawValue, stage($0)) }))
    if let set = manifest.endToEndSet { json.set("end_to_end_set", to: endToEndSet(set)) }
    if let set = manifest.confidenceSet { json.set("confidence_set", to: confidenceSet(set)) }
    if let rules = manifest.answerGuard { json.set("guard", to: answerGuard(rules, manifest.outputs)) }
    json.set("limits", to: limits(manifest))
    json.set("files", to: .array(manifest.files.map(ManifestCodec.encode)))
    return json
  }

  private static func column(_ column: ColumnDescriptor, minimum: Double?, maximum: Double?) -> JSON {
    var json = JSON.object([.init("name", .text(column.name)), .init("datatype", .text(column.datatype.rawValue))])
    if column.width != 1 { json.set("width", to: .integer(Int64(column.width))) }
    if let minimum { json.set("minimum", to: .number(minimum)) }
    if let maximum { json.set("maximum", to: .number(maximum)) }
    return json
  }

  private static func input(_ input: InputSpecification) -> JSON {
    var json = column(input.column, minimum: input.minimum, maximum: input.maximum)
    if input.isOptional { json.set("optional", to: .bool(true)) }
    if let value = input.defaultValue { json.set("default", to: self.value(value)) }
    if let values = input.values { json.set("values", to: .array(values.map(value))) }
    json.set("pattern", toOptional: input.pattern)
    if let length = input.minimumLength { json.set("minimum_length", to: .integer(Int64(length))) }
    if let length = input.maximumLength { json.set("maximum_length", to: .integer(Int64(length))) }
    return json
  }

  private static func output(_ output: OutputSpecification) -> JSON {
    var json = column(output.column, minimum: output.minimum, maximum: output.maximum)
    if let values = output.values { json.set("values", to: .array(values.map(value))) }
    return json
  }

  static func value(_ value: Value) -> JSON {
    switch value {
    case .bool(let value): .bool(value)
    case .int64(let value): .integer(value)
    case .number(let value): .number(value)
    case .text(let value): .text(value)
    }
  }

  private static func stage(_ stage: StageSpecification) -> JSON {
    var json = JSON.object([.init("engine", .text(stage.engine)), .init("file", .text(stage.file))])
    if !stage.inputs.isEmpty { json.set("inputs", to: mapping(stage.inputs)) }
    if !stage.outputs.isEmpty { json.set("outputs", to: mapping(stage.outputs)) }
    return json
  }

  private static func mapping(_ mapping: [String: String]) -> JSON {
    .object(mapping.sorted { $0.key < $1.key }.map { .init($0.key, .text($0.value)) })
  }
}
