import Domain

extension OpenInferenceReader {
  /// Reads the next row of all tensors into row `row` of the columns and moves the cursors, also past what is wrong.
  /// - Returns: the first input that is wrong, and what is wrong with it.
  func readRow(_ row: Int, into columns: borrowing Columns) -> (field: Int, problem: FieldProblem)? {
    var first: (field: Int, problem: FieldProblem)?
    for field in fields.plan.fields.indices {
      if let problem = read(field, into: columns[field], row: row), first == nil { first = (field, problem) }
    }
    return first
  }

  private func read(_ field: Int, into column: Column, row: Int) -> FieldProblem? {
    let (tape, plan) = (fields.tape, fields.plan)
    let fieldPlan = plan.fields[field]
    let position = plan.tensors[field].position
    if position == 0 { return fields.read(field, fieldPlan, at: 0, into: column, row: row) }
    if plan.tensors[field].isNested {
      plan.tensors[field].position = tape.next(position)
      var inner = position + 1
      // A null stands for the default here too, as in a flat tensor.
      if fieldPlan.width == 1 { return fields.read(field, fieldPlan, at: inner, into: column, row: row) }
      return fields.readElements(field, fieldPlan, at: &inner, into: column, row: row)
    }
    if fieldPlan.width == 1 {
      plan.tensors[field].position = tape.next(position)
      return fields.read(field, fieldPlan, at: position, into: column, row: row)
    }
    var next = position
    let problem = fields.readElements(field, fieldPlan, at: &next, into: column, row: row)
    plan.tensors[field].position = next
    return problem
  }

  /// Reads the outputs that a request chooses, `[{"name":…}]`, and appends their positions.
  func readOutputs(_ outputs: Int, into selected: inout [Int]) throws(RequestFailure) {
    let tape = fields.tape
    guard outputs != 0, tape.kind(outputs) != .null else { return }
    guard tape.kind(outputs) == .array else { throw mismatch("outputs", "an array", outputs) }
    let start = selected.count
    var (at, number) = (outputs + 1, 0)
    let end = tape.end(outputs)
    while at < end {
      guard tape.kind(at) == .object else { throw mismatch("outputs[\(number)]", "an object", at) }
      let name = tape.member("name", of: at)
      guard name != 0, tape.kind(name) == .string else { throw mismatch("outputs[\(number)].name", "a string", name) }
      guard let position = schema.outputs.firstIndex(where: { tape.isString(name, $0.name) }) else {
        let known = Quotation.list(schema.outputs.map { Quotation.text($0.name) })
        throw mismatch("outputs[\(number)].name", known, name)
      }
      if !selected[start...].contains(position) { selected.append(position) }
      at = tape.next(at)
      number += 1
    }
  }
}
