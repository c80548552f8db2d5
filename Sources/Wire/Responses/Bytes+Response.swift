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
    switch status {
    case .ok: append(",\"status\":\"ok\"")
    case .partial: append(",\"status\":\"partial\"")
    case .error: append(",\"status\":\"error\"")
    }
  }

  /// Appends `"outputs":{…}` or `"error":{…}`.
  mutating func append(
    outcome row: RequestTable.Row, of table: borrowing RequestTable, columns: borrowing Columns, head: ResponseHead
  ) {
    guard row.failure == nil, let columnRow = row.columnRow else { return append(failure: row.failure, of: table) }
    append("\"outputs\":{")
    for output in head.keys.indices {
      if output > 0 { append(",") }
      append(contentsOf: head.keys[output])
      let (descriptor, position) = head.origin.outputs[output]
      if descriptor.width == 1 {
        append(element: columnRow, of: columns[position])
      } else {
        append("[")
        append(row: columnRow, of: columns[position])
        append("]")
      }
    }
    append("}")
  }

  /// Appends the elements of a row with commas between.
  mutating func append(row: Int, of column: Column) {
    let width = column.descriptor.width
    for index in row * width..<(row + 1) * width {
      if index > row * width { append(",") }
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
