import Domain

/// The parts of an Open Inference response (version 2, "Inference Response").
extension [UInt8] {
  /// Appends `,"parameters":{"status":…,"worker":…,"generation":…}}`, with which a response ends.
  mutating func append(parameters status: ResponseStatus, head: ResponseHead) {
    append(",\"parameters\":{\"status\":")
    append(quoted: status)
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
      isFirst = false
      appendRowErrors(request, of: table)
    }
    if table.rows[request.rows].contains(where: { $0.failure == nil && $0.remark != nil }) {
      if !isFirst { append(",") }
      appendRowRemarks(request, of: table)
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
      if let substitute = table.remark(of: table.rows[row])?.substitute, table.rows[row].failure == nil {
        append(row: substitute.row, of: substitute.columns[output])
      } else if let columnRow = shownRow(table.rows[row], of: table, head: head) {
        append(row: columnRow, of: columns[position])
      } else {
        appendPlaceholders(descriptor)
      }
    }
    append("]}")
  }

  /// The row of the columns whose outputs may be shown; nil for one that has failed or is withheld.
  private func shownRow(
    _ row: RequestTable.Row, of table: borrowing RequestTable, head: ResponseHead
  ) -> Int? {
    guard row.failure == nil else { return nil }
    guard let remark = table.remark(of: row), !head.origin.revealsWithheld else { return row.columnRow }
    return remark.status == .prompt && remark.alternatives.isEmpty ? row.columnRow : nil
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
    append(rowTexts: "row_error", request, of: table) { row, table in
      guard let position = row.failure, table.failures.indices.contains(position) else { return "" }
      let failure = table.failures[position]
      return "\(failure.reason.rawValue): \(failure.message)"
    }
  }

  /// Two tensors: the status of each row, and what the members `fallback`, `guard` and `alternatives` of a context say.
  private mutating func appendRowRemarks(_ request: RequestTable.Request, of table: borrowing RequestTable) {
    append(rowTexts: "row_status", request, of: table) { row, table in
      row.failure != nil ? "error" : (table.remark(of: row)?.status ?? .ok).rawValue
    }
    append(",")
    append(rowTexts: "row_remark", request, of: table) { row, table in
      row.failure != nil ? "" : table.remark(of: row)?.text ?? ""
    }
  }

  private mutating func append(
    rowTexts name: StaticString, _ request: RequestTable.Request, of table: borrowing RequestTable,
    _ text: (RequestTable.Row, borrowing RequestTable) -> String
  ) {
    append("{\"name\":\"")
    append(name)
    append("\",\"datatype\":\"BYTES\",\"shape\":[")
    append(json: Int64(request.rows.count))
    append("],\"data\":[")
    for row in request.rows {
      if row > request.rows.lowerBound { append(",") }
      append(json: text(table.rows[row], table).shortened(toBytes: Limits.errorMessageBytes))
    }
    append("]}")
  }
}

extension RowRemark {
  /// On one line: `output_rejected: …; answered by car-loan 2026.10.1`. A long message leaves room for what follows it.
  fileprivate var text: String {
    var end = ""
    if let substitute {
      end +=
        "; answered by \(substitute.isConstant ? "the constant of " : "")\(substitute.model) \(substitute.version)"
    }
    if !alternatives.isEmpty {
      let labels = alternatives.map { "\(Quotation.value($0.label)) \(Quotation.number($0.probability))" }
      end += "; \(labels.joined(separator: ", "))"
    }
    let room = max(Limits.errorMessageBytes - end.utf8.count, Limits.errorMessageBytes / 4)
    return "\(reason.rawValue): \(message)".shortened(toBytes: room) + end
  }
}
