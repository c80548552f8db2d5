import Domain

/// Reads the values of one document's fields into columns, by the rules of the release's inputs.
struct FieldReader {
  /// The document.
  let tape: JSONTape
  /// The inputs.
  let plan: RequestPlan

  /// Reads the fields of a row whose values are at these positions, by field.
  /// - Returns: the first that is wrong, and what is wrong with it.
  @inline(__always)
  func readRow(
    at positions: [Int], into columns: borrowing Columns, row: Int
  ) -> (field: Int, problem: FieldProblem)? {
    // Taken out of the plan once, so that the loop counts no references to it.
    let fields = plan.fields
    for field in fields.indices {
      let position = positions[field]
      let problem =
        if fields[field].isPlainFloat32, position != 0, tape.kind(position) == .double {
          readPlain(fields[field].minimum, fields[field].maximum, at: position, into: columns, column: field, row: row)
        } else {
          read(field, fields[field], at: position, into: columns[field], row: row)
        }
      if let problem { return (field, problem) }
    }
    return nil
  }

  /// As `readNumber`, of an FP32 field without a list, for a number that is a double on the tape.
  @inline(__always)
  private func readPlain(
    _ minimum: Double, _ maximum: Double, at position: Int, into columns: borrowing Columns, column: Int, row: Int
  ) -> FieldProblem? {
    let number = tape.double(position)
    if number < minimum { return FieldProblem(.belowMinimum, at: position) }
    if number > maximum { return FieldProblem(.aboveMaximum, at: position) }
    let narrow = Float(number)
    if !narrow.isFinite { return FieldProblem(.notFinite, at: position) }
    columns.set(float32: narrow, column: column, at: row)
    return nil
  }

  /// Reads a field's value, or its default if `position` is 0 or holds null, into a row of its column.
  /// - Returns: what is wrong; nil if nothing is.
  func read(
    _ field: Int, _ fieldPlan: FieldPlan, at position: Int, into column: Column, row: Int
  ) -> FieldProblem? {
    if position == 0 || tape.kind(position) == .null {
      guard fieldPlan.hasDefault else { return FieldProblem(.missing, at: position) }
      plan.writeDefault(field, into: column, row: row)
      return nil
    }
    if fieldPlan.width == 1 { return readElement(field, fieldPlan, at: position, into: column, index: row) }
    return readArray(field, fieldPlan, at: position, into: column, row: row)
  }

  private func readArray(
    _ field: Int, _ fieldPlan: FieldPlan, at position: Int, into column: Column, row: Int
  ) -> FieldProblem? {
    guard tape.kind(position) == .array else { return FieldProblem(.wrongType, at: position) }
    guard tape.elementCount(position) == fieldPlan.width else { return FieldProblem(.wrongWidth, at: position) }
    var at = position + 1
    return readElements(field, fieldPlan, at: &at, into: column, row: row)
  }

  /// Reads as many elements as the field is wide from `position` on, which is left behind them.
  func readElements(
    _ field: Int, _ fieldPlan: FieldPlan, at position: inout Int, into column: Column, row: Int
  ) -> FieldProblem? {
    var problem: FieldProblem?
    for element in 0..<fieldPlan.width {
      if problem == nil {
        problem = readElement(field, fieldPlan, at: position, into: column, index: row * fieldPlan.width + element)
        if fieldPlan.width > 1 { problem?.element = element }
      }
      position = tape.next(position)
    }
    return problem
  }

  /// Reads one element.
  @inline(__always)
  func readElement(
    _ field: Int, _ fieldPlan: FieldPlan, at position: Int, into column: Column, index: Int
  ) -> FieldProblem? {
    switch fieldPlan.datatype {
    case .float32, .float64: readNumber(field, fieldPlan, at: position, into: column, index: index)
    case .int64: readInteger(field, fieldPlan, at: position, into: column, index: index)
    case .bool: readBool(field, fieldPlan, at: position, into: column, index: index)
    case .bytes: readText(field, fieldPlan, at: position, into: column, index: index)
    }
  }

  @inline(__always)
  private func readNumber(
    _ field: Int, _ fieldPlan: FieldPlan, at position: Int, into column: Column, index: Int
  ) -> FieldProblem? {
    let number: Double
    var narrow: Float
    switch tape.kind(position) {
    case .double:
      number = tape.double(position)
      narrow = Float(number)
    case .int64:
      number = Double(tape.int64(position))
      narrow = Float(tape.int64(position))
    case .uint64:
      number = Double(tape.uint64(position))
      narrow = Float(tape.uint64(position))
    default:
      return FieldProblem(.wrongType, at: position)
    }
    // Bounds are compared with what was sent, not with what FP32 makes of it: 0.1 is within a maximum of 0.1.
    if number < fieldPlan.minimum { return FieldProblem(.belowMinimum, at: position) }
    if number > fieldPlan.maximum { return FieldProblem(.aboveMaximum, at: position) }
    let isNarrow = fieldPlan.datatype == .float32
    if isNarrow && !narrow.isFinite { return FieldProblem(.notFinite, at: position) }
    if fieldPlan.isListed && !plan.isListed(field, number: isNarrow ? Double(narrow) : number) {
      return FieldProblem(.notListed, at: position)
    }
    if isNarrow { column.set(float32: narrow, at: index) } else { column.set(float64: number, at: index) }
    return nil
  }

  private func readInteger(
    _ field: Int, _ fieldPlan: FieldPlan, at position: Int, into column: Column, index: Int
  ) -> FieldProblem? {
    let integer: Int64
    switch tape.kind(position) {
    case .int64: integer = tape.int64(position)
    case .uint64: return FieldProblem(.notInteger64, at: position)
    case .double:
      let number = tape.double(position)
      guard let exact = Int64(exactly: number) else {
        // From 2⁵³ on every number is whole.
        return FieldProblem(abs(number) < 0x1p63 ? .wrongType : .notInteger64, at: position)
      }
      integer = exact
    default: return FieldProblem(.wrongType, at: position)
    }
    if integer < fieldPlan.minimumInteger { return FieldProblem(.belowMinimum, at: position) }
    if integer > fieldPlan.maximumInteger { return FieldProblem(.aboveMaximum, at: position) }
    if fieldPlan.isListed && !plan.isListed(field, integer: integer) { return FieldProblem(.notListed, at: position) }
    column.set(int64: integer, at: index)
    return nil
  }

  private func readBool(
    _ field: Int, _ fieldPlan: FieldPlan, at position: Int, into column: Column, index: Int
  ) -> FieldProblem? {
    let kind = tape.kind(position)
    guard kind == .true || kind == .false else { return FieldProblem(.wrongType, at: position) }
    if fieldPlan.isListed && !plan.isListed(field, bool: kind == .true) {
      return FieldProblem(.notListed, at: position)
    }
    column.set(bool: kind == .true, at: index)
    return nil
  }

  private func readText(
    _ field: Int, _ fieldPlan: FieldPlan, at position: Int, into column: Column, index: Int
  ) -> FieldProblem? {
    guard tape.kind(position) == .string else { return FieldProblem(.wrongType, at: position) }
    if fieldPlan.isListed && !plan.isListed(field, text: position, of: tape) {
      return FieldProblem(.notListed, at: position)
    }
    if fieldPlan.hasTextRules, let problem = textProblem(field, fieldPlan, at: position) { return problem }
    tape.withString(position) { column.set(bytes: $0, at: index) }
    return nil
  }

  private func textProblem(_ field: Int, _ fieldPlan: FieldPlan, at position: Int) -> FieldProblem? {
    let length = tape.characterCount(position)
    if length < fieldPlan.minimumLength { return FieldProblem(.tooShort, at: position) }
    if length > fieldPlan.maximumLength { return FieldProblem(.tooLong, at: position) }
    return plan.isMatching(field, text: position, of: tape) ? nil : FieldProblem(.notMatching, at: position)
  }
}
