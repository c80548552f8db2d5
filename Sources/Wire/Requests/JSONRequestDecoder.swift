import Domain

/// Decodes requests of all three forms: a context, an array of contexts, an Open Inference body.
///
/// It keeps the plans of the last few schemas, told by their inputs, so that nothing is prepared twice. Belongs to one
/// lane.
package final class JSONRequestDecoder: RequestDecoder {
  private let parser = JSONParser(maximumDepth: Limits.requestDepth)
  private var plans: [RequestPlan] = []
  /// The schemas of the last requests, told by their identity, each with its plan: the one that was used last comes first.
  private var latest: [(schema: RequestSchema, plan: RequestPlan)] = []
  private let planWithoutInputs = RequestPlan(RequestSchema(inputs: [], outputs: [], maximumRows: 1))

  /// A decoder with no memory of anything.
  package init() {}

  /// See `RequestDecoder`. The bytes need no padding: the parser copies them into memory of its own.
  package func decode(_ value: RawSpan, schema: RequestSchema, columns: inout Columns, table: inout RequestTable) {
    var request = RequestTable.Request()
    request.rows = table.rows.count..<table.rows.count
    let plan = plan(of: schema)
    if decodeFlat(value, plan, columns: &columns, request: &request, table: &table) { return }
    do throws(JSONSyntaxError) {
      let tape = try parser.parse(value)
      let reader = FieldReader(tape: tape, plan: plan)
      do throws(RequestFailure) {
        try decode(reader, schema: schema, columns: &columns, request: &request, table: &table)
      } catch {
        request.failure = table.addFailure(error.reason, error.message, stage: .decode)
      }
    } catch {
      request.failure = table.addFailure(.decodeFailed, error.description, stage: .decode)
    }
    request.rows = request.rows.lowerBound..<table.rows.count
    table.requests.append(request)
  }

  /// See `RequestDecoder`.
  package func decodeIdentifier(_ value: RawSpan, table: inout RequestTable) {
    var request = RequestTable.Request()
    request.rows = table.rows.count..<table.rows.count
    if let tape = try? parser.parse(value) {
      switch tape.kind(JSONTape.root) {
      case .array: request.form = .array
      case .object:
        let plan = planWithoutInputs
        plan.row.find(tape, object: JSONTape.root)
        if isOpenInference(tape, plan) { request.form = .openInference }
        let identifier = plan.row.positions[plan.identifierName]
        request.identifier = (try? append(identifier: identifier, of: tape, to: &table)) ?? 0..<0
      default: break
      }
    }
    table.requests.append(request)
  }

  // MARK: Flat contexts

  /// Decodes a context that looks as those before it, in one pass.
  /// - Returns: false, with nothing done, for one that looks otherwise or has a field that is wrong: the way through the
  ///   whole of JSON finds out what, and says so.
  private func decodeFlat(
    _ value: RawSpan, _ plan: RequestPlan, columns: inout Columns, request: inout RequestTable.Request,
    table: inout RequestTable
  ) -> Bool {
    guard let form = plan.likelyForm, let row = columns.beginRow() else { return false }
    let start = table.text.count
    guard FlatReader.read(value, as: form, plan, into: columns, row: row, identifier: &table.text) else {
      plan.noteOtherForm()
      table.text.removeSubrange(start...)
      return false
    }
    for field in form.absent { plan.writeDefault(field, into: columns[field], row: row) }
    columns.finishRow()
    table.rows.append(RequestTable.Row(columnRow: row))
    request.identifier = start..<table.text.count
    request.rows = request.rows.lowerBound..<table.rows.count
    table.requests.append(request)
    return true
  }

  // MARK: Forms

  private func decode(
    _ reader: FieldReader, schema: RequestSchema, columns: inout Columns, request: inout RequestTable.Request,
    table: inout RequestTable
  ) throws(RequestFailure) {
    let (tape, plan) = (reader.tape, reader.plan)
    switch tape.kind(JSONTape.root) {
    case .object:
      plan.row.find(tape, object: JSONTape.root)
      let isOpenInference = isOpenInference(tape, plan)
      if isOpenInference { request.form = .openInference }
      request.identifier = try append(identifier: plan.row.positions[plan.identifierName], of: tape, to: &table)
      if isOpenInference {
        try decodeTensors(reader, schema: schema, columns: &columns, request: &request, table: &table)
      } else {
        decodeRow(reader, identifier: 0..<0, columns: &columns, table: &table)
        plan.noteContext()
      }
    case .array:
      request.form = .array
      try decodeArray(reader, schema: schema, columns: &columns, table: &table)
    default:
      throw RequestFailure(
        .schemaMismatch, "expected an object or an array, got \(Quotation.value(tape, JSONTape.root))")
    }
  }

  private func isOpenInference(_ tape: JSONTape, _ plan: RequestPlan) -> Bool {
    let inputs = plan.row.positions[plan.inputsName]
    return inputs != 0 && tape.kind(inputs) == .array
  }

  private func decodeArray(
    _ reader: FieldReader, schema: RequestSchema, columns: inout Columns, table: inout RequestTable
  ) throws(RequestFailure) {
    let (tape, plan) = (reader.tape, reader.plan)
    let count = tape.elementCount(JSONTape.root)
    guard count > 0 else { throw RequestFailure(.schemaMismatch, "expected at least one context, got an empty array") }
    guard count <= schema.maximumRows else {
      throw RequestFailure(.tooLarge, "expected at most \(schema.maximumRows) rows, got \(count)")
    }
    var at = JSONTape.root + 1
    let end = tape.end(JSONTape.root)
    while at < end {
      if tape.kind(at) == .object {
        plan.row.find(tape, object: at)
        do throws(RequestFailure) {
          let identifier = try append(identifier: plan.row.positions[plan.identifierName], of: tape, to: &table)
          decodeRow(reader, identifier: identifier, columns: &columns, table: &table)
        } catch {
          table.appendRow(failure: error)
        }
      } else {
        table.appendRow(
          failure: RequestFailure(.schemaMismatch, "expected an object, got \(Quotation.value(tape, at))"))
      }
      at = tape.next(at)
    }
  }

  /// Decodes the row whose fields were found last.
  private func decodeRow(
    _ reader: FieldReader, identifier: Range<Int>, columns: inout Columns, table: inout RequestTable
  ) {
    guard let row = columns.beginRow() else { return table.appendRow(identifier: identifier, failure: .noRoom) }
    if reader.plan.row.firstUnknown != 0, reader.plan.schema.unknownFields == .reject {
      let failure = reader.unknownFailure(at: reader.plan.row.firstUnknown)
      return table.appendRow(identifier: identifier, failure: failure)
    }
    if let (field, problem) = reader.readRow(at: reader.plan.row.positions, into: columns, row: row) {
      return table.appendRow(identifier: identifier, failure: reader.failure(field, problem))
    }
    columns.finishRow()
    table.rows.append(RequestTable.Row(columnRow: row, identifier: identifier))
  }

  private func decodeTensors(
    _ reader: FieldReader, schema: RequestSchema, columns: inout Columns, request: inout RequestTable.Request,
    table: inout RequestTable
  ) throws(RequestFailure) {
    let plan = reader.plan
    let tensors = OpenInferenceReader(fields: reader, schema: schema)
    let rows = try tensors.open(inputs: plan.row.positions[plan.inputsName])
    let firstOutput = table.selectedOutputs.count
    do throws(RequestFailure) {
      try tensors.readOutputs(plan.row.positions[plan.outputsName], into: &table.selectedOutputs)
    } catch {
      table.selectedOutputs.removeSubrange(firstOutput...)
      throw error
    }
    request.outputs = firstOutput..<table.selectedOutputs.count
    for _ in 0..<rows {
      guard let row = columns.beginRow() else {
        table.appendRow(failure: .noRoom)
        continue
      }
      if let (field, problem) = tensors.readRow(row, into: columns) {
        table.appendRow(failure: reader.failure(field, problem))
        continue
      }
      columns.finishRow()
      table.rows.append(RequestTable.Row(columnRow: row))
    }
  }

  // MARK: Parts

  /// Appends an `id` to the table's text, as JSON. A missing one and null are none.
  private func append(
    identifier position: Int, of tape: JSONTape, to table: inout RequestTable
  ) throws(RequestFailure) -> Range<Int> {
    let start = table.text.count
    if position == 0 { return start..<start }
    switch tape.kind(position) {
    case .null: break
    case .int64: table.text.append(json: tape.int64(position))
    case .uint64: table.text.append(json: tape.uint64(position))
    case .string:
      let count = tape.stringByteCount(position)
      guard count <= Limits.identifierBytes else {
        throw RequestFailure(.schemaMismatch, "id: expected at most \(Limits.identifierBytes) bytes, got \(count)")
      }
      tape.withString(position) { table.text.append(jsonString: $0) }
    default:
      throw RequestFailure(
        .schemaMismatch, "id: expected a string or an integer, got \(Quotation.value(tape, position))")
    }
    return start..<table.text.count
  }

  private func plan(of schema: RequestSchema) -> RequestPlan {
    if let first = latest.first, first.schema === schema { return first.plan }
    if let place = latest.firstIndex(where: { $0.schema === schema }) {
      latest.insert(latest.remove(at: place), at: 0)
      return latest[0].plan
    }
    let plan: RequestPlan
    if let known = plans.first(where: { $0.isPlan(of: schema) }) {
      plan = known
    } else {
      plan = RequestPlan(schema)
      if plans.count == Limits.requestPlans { plans.removeFirst() }
      plans.append(plan)
    }
    if latest.count == Limits.requestPlans { latest.removeLast() }
    latest.insert((schema, plan), at: 0)
    return plan
  }
}
