extension JSON {
  /// The document on one line, without spaces.
  package var bytes: [UInt8] {
    var output: [UInt8] = []
    write(to: &output, indentation: nil)
    return output
  }

  /// The document on one line as text.
  package var line: String { String(decoding: bytes, as: UTF8.self) }

  /// The document for people: two spaces a level, scalars' arrays on one line, a newline at the end.
  package var prettyBytes: [UInt8] {
    var output: [UInt8] = []
    write(to: &output, indentation: 0)
    output.append("\n")
    return output
  }

  private func write(to output: inout [UInt8], indentation: Int?) {
    switch self {
    case .null: output.append("null")
    case .bool(let value): output.append(json: value)
    case .integer(let value): output.append(json: value)
    case .number(let value): output.append(json: value)
    case .text(let text): output.append(json: text)
    case .array(let elements):
      let inner = elements.allSatisfy(\.isScalar) ? nil : indentation.map { $0 + 1 }
      output.append("[")
      for (number, element) in elements.enumerated() {
        if number > 0 { output.append(inner == nil && indentation != nil ? ", " : ",") }
        output.appendLineBreak(inner)
        element.write(to: &output, indentation: inner)
      }
      if inner != nil { output.appendLineBreak(indentation) }
      output.append("]")
    case .object(let fields):
      let inner = fields.isEmpty ? nil : indentation.map { $0 + 1 }
      output.append("{")
      for (number, field) in fields.enumerated() {
        if number > 0 { output.append(",") }
        output.appendLineBreak(inner)
        output.append(json: field.name)
        output.append(indentation == nil ? ":" : ": ")
        field.value.write(to: &output, indentation: inner)
      }
      if inner != nil { output.appendLineBreak(indentation) }
      output.append("}")
    }
  }

  private var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }
}

extension [UInt8] {
  fileprivate mutating func appendLineBreak(_ indentation: Int?) {
    guard let indentation else { return }
    append("\n")
    for _ in 0..<indentation { append("  ") }
  }
}
