import Domain

/// The parts of a response.
extension [UInt8] {
  /// Appends `{"id":…`.
  mutating func append(identifier: Range<Int>, of table: borrowing RequestTable) {
    append("{\"id\":")
    if identifier.isEmpty { append("\"\"") } else { append(contentsOf: table.text[identifier]) }
  }

  /// Appends `,"status":…`.
  mutating func append(status: ResponseStatus) {
    append(",\"status\":")
    append(quoted: status)
  }

  /// Appends the status in quotes.
  mutating func append(quoted status: ResponseStatus) {
    switch status {
    case .ok: append("\"ok\"")
    case .partial: append("\"partial\"")
    case .error: append("\"error\"")
    case .fallback: append("\"fallback\"")
    case .abstained: append("\"abstained\"")
    case .prompt: append("\"prompt\"")
    case .held: append("\"held\"")
    }
  }

  /// Appends `"outputs":{…}` or `"error":{…}`, with what stands beside or in place of the outputs.
  mutating func append(
    outcome row: RequestTable.Row, of table: borrowing RequestTable, columns: borrowing Columns, head: ResponseHead
  ) {
    guard row.failure == nil, let columnRow = row.columnRow else { return append(failure: row.failure, of: table) }
    guard let remark = row.remark, table.remarks.indices.contains(remark) else {
      return append(outputs: columnRow, of: columns, head: head)
    }
    append(remark: table.remarks[remark], row: columnRow, of: columns, head: head)
  }

  /// Appends what follows the identifier in a context that is answered well; `outputs` is not empty.
  mutating func append(okContext row: Int, of columns: borrowing Columns, head: ResponseHead) {
    append(contentsOf: head.okContext)
    for output in head.keys.indices {
      let column = columns[head.origin.outputs[output].position]
      if output > 0 { append(output: output, row: row, of: column, head: head) } else { append(value: row, of: column) }
    }
    append("}}")
  }

  private mutating func append(outputs row: Int, of columns: borrowing Columns, head: ResponseHead) {
    append(contentsOf: head.outputs)
    for output in head.keys.indices {
      append(output: output, row: row, of: columns[head.origin.outputs[output].position], head: head)
    }
    append(UInt8(ascii: "}"))
  }

  /// Appends the outputs of a row that a fallback has made.
  mutating func append(substitute: RowRemark.Substitute, head: ResponseHead) {
    append(contentsOf: head.outputs)
    for (output, column) in zip(head.keys.indices, substitute.columns) {
      append(output: output, row: substitute.row, of: column, head: head)
    }
    append(UInt8(ascii: "}"))
  }

  @inline(__always)
  private mutating func append(output: Int, row: Int, of column: Column, head: ResponseHead) {
    append(contentsOf: head.keys[output])
    append(value: row, of: column)
  }

  @inline(__always)
  private mutating func append(value row: Int, of column: Column) {
    if column.descriptor.width == 1 {
      append(element: row, of: column)
    } else {
      append(UInt8(ascii: "["))
      append(row: row, of: column)
      append(UInt8(ascii: "]"))
    }
  }

  private mutating func append(
    remark: RowRemark, row: Int, of columns: borrowing Columns, head: ResponseHead
  ) {
    if let substitute = remark.substitute {
      append(substitute: substitute, head: head)
      append(",\"fallback\":{\"model\":")
      append(json: substitute.model)
      append(",\"version\":")
      append(json: substitute.version)
      if substitute.isConstant { append(",\"constant\":true") }
      append(UInt8(ascii: ","))
      append(reasonOf: remark)
      return append(UInt8(ascii: "}"))
    }
    let showsOutputs =
      head.origin.revealsWithheld || (remark.status == .prompt && remark.alternatives.isEmpty)
    if showsOutputs {
      append(outputs: row, of: columns, head: head)
      append(UInt8(ascii: ","))
    }
    if !remark.alternatives.isEmpty {
      append(alternatives: remark.alternatives)
      append(UInt8(ascii: ","))
    }
    append("\"guard\":{")
    append(reasonOf: remark)
    // What is held is for the eyes of who reviews it, not to be taken for an answer.
    if remark.status == .held {
      append(UInt8(ascii: ","))
      append(outputs: row, of: columns, head: head)
    }
    append(UInt8(ascii: "}"))
  }

  private mutating func append(reasonOf remark: RowRemark) {
    append("\"reason\":")
    append(json: remark.reason.rawValue)
    append(",\"message\":")
    append(json: remark.message.shortened(toBytes: Limits.errorMessageBytes))
  }

  private mutating func append(alternatives: [RowRemark.Alternative]) {
    append("\"alternatives\":[")
    for (number, alternative) in alternatives.enumerated() {
      append(number == 0 ? "{\"label\":" : ",{\"label\":")
      switch alternative.label {
      case .bool(let value): append(json: value)
      case .int64(let value): append(json: value)
      case .number(let value): append(json: value)
      case .text(let value): append(json: value)
      }
      append(",\"probability\":")
      append(json: alternative.probability)
      append(UInt8(ascii: "}"))
    }
    append(UInt8(ascii: "]"))
  }

  /// Appends the elements of a row with commas between.
  mutating func append(row: Int, of column: Column) {
    let width = column.descriptor.width
    for index in row * width..<(row + 1) * width {
      if index > row * width { append(UInt8(ascii: ",")) }
      append(element: index, of: column)
    }
  }

  /// Appends one element of a column.
  @inline(__always)
  mutating func append(element index: Int, of column: Column) {
    switch column.descriptor.datatype {
    case .float32: append(json: column.float32(at: index))
    case .float64: append(json: column.float64(at: index))
    case .int64: append(json: column.int64(at: index))
    case .bool: append(json: column.bool(at: index))
    case .bytes: column.withBytes(at: index) { append(jsonString: $0) }
    }
  }

  /// Appends `"error":{…}`.
  mutating func append(failure position: Int?, of table: borrowing RequestTable) {
    guard let position, table.failures.indices.contains(position) else {
      return append(
        "\"error\":{\"code\":\"INTERNAL\",\"reason\":\"model_failed\",\"message\":\"\",\"retryable\":false}")
    }
    let failure = table.failures[position]
    append("\"error\":{\"code\":")
    append(json: failure.reason.code)
    append(",\"reason\":")
    append(json: failure.reason.rawValue)
    append(",\"message\":")
    append(json: failure.message.shortened(toBytes: Limits.errorMessageBytes))
    append(failure.reason.isRetryable ? ",\"retryable\":true}" : ",\"retryable\":false}")
  }
}
