import Domain

/// A release's inputs prepared for decoding, with the state that a lane keeps between its requests.
///
/// Names are numbered: the inputs first, then the reserved names of a body.
final class RequestPlan {
  /// What it was made of.
  let schema: RequestSchema
  /// One for each input.
  let fields: [FieldPlan]
  /// Names of the inputs and the reserved names.
  let names: JSONNameTable
  /// Allowed texts of BYTES inputs that list them.
  private let allowedTexts: [JSONNameTable?]
  /// Allowed numbers of numeric inputs that list them, as their column holds them.
  private let allowedNumbers: [Set<Double>]
  /// Allowed integers of INT64 inputs that list them.
  private let allowedIntegers: [Set<Int64>]
  /// What texts of BYTES inputs must match that have a pattern.
  private let patterns: [Pattern?]
  /// UTF-8 of the defaults of BYTES inputs.
  private let defaultTexts: [[UInt8]]

  /// Where the fields of the current row are.
  var row: RowFields
  /// How contexts have looked lately.
  private var flatForm: FlatForm?
  private var isFlatLikely = false
  /// The order of fields last found to make no form.
  private var formless: [Int] = []
  /// Where the tensors of the current request are.
  var tensors: [TensorCursor] = []

  /// Number of the name `id`.
  var identifierName: Int { fields.count }
  /// Number of the name `inputs`.
  var inputsName: Int { fields.count + 1 }
  /// Number of the name `outputs`.
  var outputsName: Int { fields.count + 2 }

  /// A plan for the inputs of a schema.
  init(_ schema: RequestSchema) {
    self.schema = schema
    let inputs = schema.inputs
    fields = inputs.map(FieldPlan.init)
    names = JSONNameTable(inputs.map(\.column.name) + ["id", "inputs", "outputs", "parameters"])
    allowedTexts = inputs.map { input in
      guard input.column.datatype == .bytes, let values = input.values else { return nil }
      return JSONNameTable(values.compactMap { if case .text(let text) = $0 { text } else { nil } })
    }
    allowedNumbers = inputs.map { input in
      Set(
        (input.values ?? []).compactMap { value in
          Self.number(value).map { input.column.datatype == .float32 ? Double(Float($0)) : $0 }
        })
    }
    allowedIntegers = inputs.map { Set(($0.values ?? []).compactMap(Self.integer)) }
    patterns = inputs.map { input in input.pattern.flatMap { try? Pattern($0) } }
    defaultTexts = inputs.map { if case .text(let text)? = $0.defaultValue { Array(text.utf8) } else { [] } }
    row = RowFields(names: names)
  }

  /// Whether this is the plan of a schema's inputs: releases that take the same share one.
  func isPlan(of other: RequestSchema) -> Bool {
    schema.unknownFields == other.unknownFields && schema.inputs == other.inputs
  }

  // MARK: Flat objects

  /// The form that the next context most likely has; nil while they differ.
  var likelyForm: FlatForm? { isFlatLikely ? flatForm : nil }

  /// A context was not of the likely form.
  func noteOtherForm() { isFlatLikely = false }

  /// Learns from a context that was read with `row`: two alike are taken for a habit.
  func noteContext() {
    guard !isFlatLikely, let count = row.steadyCount else { return }
    let order = row.order(count)
    guard order != formless else { return }
    if flatForm?.order != order { flatForm = FlatForm(order: order, plan: self) }
    isFlatLikely = flatForm != nil
    formless = isFlatLikely ? [] : order
  }

  // MARK: Lists and defaults

  /// Whether a number, as its column holds it, is one of the listed values.
  func isListed(_ field: Int, number: Double) -> Bool { allowedNumbers[field].contains(number) }
  /// Whether an integer is one of the listed values.
  func isListed(_ field: Int, integer: Int64) -> Bool { allowedIntegers[field].contains(integer) }
  /// Whether a string is one of the listed values.
  func isListed(_ field: Int, text position: Int, of tape: JSONTape) -> Bool {
    allowedTexts[field]?.find(tape, position) != nil
  }
  /// Whether a field lists so few texts that they can be compared one by one.
  func hasShortList(_ field: Int) -> Bool { allowedTexts[field].map { $0.count <= 16 } ?? false }
  /// Whether a text is one of the listed values, if its field lists any.
  func isListedIfAny(_ field: Int, text: RawSpan) -> Bool { allowedTexts[field]?.contains(text) ?? true }
  /// Whether a string matches the pattern of its field; any does if there is none.
  func isMatching(_ field: Int, text position: Int, of tape: JSONTape) -> Bool {
    guard let pattern = patterns[field] else { return schema.inputs[field].pattern == nil }
    return tape.withString(position) { pattern.matches($0) }
  }
  /// Whether a truth value is one of the listed values.
  func isListed(_ field: Int, bool: Bool) -> Bool { schema.inputs[field].values?.contains(.bool(bool)) ?? false }

  /// Sets a row of a field to the default of its input, if it has one.
  func writeDefault(_ field: Int, into column: Column, row: Int) {
    guard let value = schema.inputs[field].defaultValue else { return }
    let width = fields[field].width
    for index in row * width..<(row + 1) * width {
      switch fields[field].datatype {
      case .bool: column.set(bool: value == .bool(true), at: index)
      case .int64: column.set(int64: Self.integer(value) ?? 0, at: index)
      case .float32: column.set(float32: Float(Self.number(value) ?? 0), at: index)
      case .float64: column.set(float64: Self.number(value) ?? 0, at: index)
      case .bytes:
        let text = defaultTexts[field]
        unsafe column.set(bytes: text.span.bytes, at: index)
      }
    }
  }

  private static func number(_ value: Value) -> Double? {
    switch value {
    case .number(let number): number
    case .int64(let integer): Double(integer)
    case .bool, .text: nil
    }
  }

  private static func integer(_ value: Value) -> Int64? {
    switch value {
    case .int64(let integer): integer
    case .number(let number): Int64(exactly: number)
    case .bool, .text: nil
    }
  }
}
