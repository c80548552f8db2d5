import Domain

/// The parts of an Open Inference response (version 2, "Inference Response").
extension [UInt8] {
  /// Appends `,"parameters":{"status":…,"worker":…,"generation":…}}`, with which a response ends.
  mutating func append(parameters status: ResponseStatus, head: ResponseHead) {
    switch status {
    case .ok: append(",\"parameters\":{\"status\":\"ok\"")
    case .partial: append(",\"parameters\":{\"status\":\"partial\"")
    case .error: append(",\"parameters\":{\"status\":\"error\"")
    }
    append(contentsOf: head.openInferenceEnd)
  }

  /// Appends `,"outputs":[…]`: a tensor for each chosen output, and the reasons of failed rows if there are any.
  mutating func append(
    tensorsOf request: RequestTable.Request, of table: borrowing RequestTable, columns: borrowing Columns,
    head: ResponseHead
  ) {
    append(",\"outputs\":[")
    var isFirst = true
    let count = request.outputs.isEmpty ? head.tensors.count : request.outputs.count
    for number in 0..<count {
      let output = request.outputs.isEmpty ? number : table.selectedOutputs[request.outputs.lowerBound + number]
      guard head.tensors.indices.contains(output) else { continue }
      if !isFirst { append(",") }
      isFirst = false
      append(tensor: output, request: request, of: table, columns: columns, head: head)
    }
    if table.rows[request.rows].contains(where: { $0.failure != nil }) {
      if !isFirst { append(",") }
      appendRowErrors(request, of: table)
    }
    append("]")
  }

  private mutating func append(
    tensor output: Int, request: RequestTable.Request, of table: borrowing RequestTable, columns: borrowing Columns,
    head: ResponseHead
  ) {
    let (descriptor, position) = head.origin.outputs[output]
    append(contentsOf: head.tensors[output])
    append(json: Int64(request.rows.count))
    if descriptor.width > 1 {
      append(",")
      append(json: Int64(descriptor.width))
    }
    append("],\"data\":[")
    for row in request.rows {
      if row > request.rows.lowerBound { append(",") }
      if table.rows[row].failure == nil, let columnRow = table.rows[row].columnRow {
        append(row: columnRow, of: columns[position])
      } else {
        appendPlaceholders(descriptor)
      }
    }
    append("]}")
  }

  /// What stands for a row that has failed: null where JSON's numbers may be null, else the datatype's zero.
  private mutating func appendPlaceholders(_ descriptor: ColumnDescriptor) {
    for element in 0..<descriptor.width {
      if element > 0 { append(",") }
      switch descriptor.datatype {
      case .float32, .float64: append("null")
      case .int64: append("0")
      case .bool: append("false")
      case .bytes: append("\"\"")
      }
    }
  }

  private mutating func appendRowErrors(_ request: RequestTable.Request, of table: borrowing RequestTable) {
    append("{\"name\":\"row_error\",\"datatype\":\"BYTES\",\"shape\":[")
    append(json: Int64(request.rows.count))
    append("],\"data\":[")
    for row in request.rows {
      if row > request.rows.lowerBound { append(",") }
      if let position = table.rows[row].failure, table.failures.indices.contains(position) {
        let failure = table.failures[position]
        append(json: "\(failure.reason.rawValue): \(failure.message)".shortened(toBytes: Limits.errorMessageBytes))
      } else {
        append("\"\"")
      }
    }
    append("]}")
  }
}
