import Domain

/// Makes contexts of the rows of a table whose cells are texts, such as a CSV file.
///
/// A cell of a numeric input that is written as JSON writes a number stands as it is; any other text stays text, so that
/// the decoder says what is wrong with it. An empty cell leaves its field out, but for required texts, which may be
/// empty. A cell of a wide input is an array as JSON writes it.
package struct ContextTemplate: Sendable {
  private let fields: [Field]
  /// Columns that are no input of the release.
  package let unusedColumns: [String]

  private struct Field: Sendable {
    var cell: Int
    var key: [UInt8]
    var input: InputSpecification?
  }

  /// A template for a table's columns. A column `id` is the row's identifier.
  package init(columns: [String], inputs: [InputSpecification]) {
    var fields: [Field] = []
    var unused: [String] = []
    for (cell, name) in columns.enumerated() {
      let input = inputs.first { $0.column.name == name }
      guard input != nil || name == "id" else {
        unused.append(name)
        continue
      }
      var key: [UInt8] = []
      // As the release spells it: the table's characters may be composed otherwise.
      key.append(json: input?.column.name ?? name)
      fields.append(Field(cell: cell, key: key + [UInt8(ascii: ":")], input: input))
    }
    self.fields = fields
    unusedColumns = unused
  }

  /// The context of a row.
  package func context(_ cells: [String]) -> [UInt8] {
    var context: [UInt8] = [UInt8(ascii: "{")]
    for field in fields where field.cell < cells.count {
      let cell = cells[field.cell]
      let isText = field.input?.column.datatype == .bytes && field.input?.column.width == 1
      if cell.isEmpty, !isText || field.input?.isOptional ?? true { continue }
      if context.count > 1 { context.append(UInt8(ascii: ",")) }
      context += field.key
      if !isText, field.input != nil, Self.isScalar(cell) || cell.hasPrefix("[") {
        context += cell.hasPrefix("[") ? Self.array(cell) : Array(Self.lowercasedTruth(cell).utf8)
      } else {
        context.append(json: cell)
      }
    }
    context.append(UInt8(ascii: "}"))
    return context
  }

  /// Whether a text is a number or a truth value of JSON.
  private static func isScalar(_ text: String) -> Bool {
    switch try? JSON(parsing: Array(lowercasedTruth(text).utf8)) {
    case .integer?, .number?, .bool?: true
    default: false
    }
  }

  /// Spreadsheets write TRUE and FALSE.
  private static func lowercasedTruth(_ text: String) -> String {
    ["TRUE", "True"].contains(text) ? "true" : ["FALSE", "False"].contains(text) ? "false" : text
  }

  /// The text of an array, or a text if it is none.
  private static func array(_ text: String) -> [UInt8] {
    if case .array? = try? JSON(parsing: Array(text.utf8)) { return Array(text.utf8) }
    var quoted: [UInt8] = []
    quoted.append(json: text)
    return quoted
  }
}
