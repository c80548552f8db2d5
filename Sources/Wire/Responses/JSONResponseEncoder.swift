import Domain

/// Writes responses in the form of their requests. Belongs to one lane.
package final class JSONResponseEncoder: ResponseEncoder {
  private var heads: [ResponseHead] = []
  /// That of the last response.
  private var lastHead: ResponseHead?

  /// An encoder with no memory of anything.
  package init() {}

  /// See `ResponseEncoder`.
  package func encode(
    _ position: Int, of table: borrowing RequestTable, columns: borrowing Columns, origin: ResponseOrigin,
    into output: inout [UInt8]
  ) -> ResponseStatus {
    let request = table.requests[position]
    if request.failure != nil {
      encodeFailure(position, of: table, origin: origin, into: &output)
      return .error
    }
    let status = table.status(of: request)
    let head = head(of: origin)
    switch request.form {
    case .context:
      output.append(identifier: request.identifier, of: table)
      if status == .ok, let row = request.rows.first, let columnRow = table.rows[row].columnRow {
        output.append(okContext: columnRow, of: columns, head: head)
        return .ok
      }
      output.append(status: status)
      output.append(contentsOf: head.context)
      if let row = request.rows.first {
        output.append(outcome: table.rows[row], of: table, columns: columns, head: head)
      }
      output.append(UInt8(ascii: "}"))
    case .array:
      output.append(identifier: request.identifier, of: table)
      output.append(status: status)
      output.append(contentsOf: head.context)
      output.append("\"rows\":[")
      for row in request.rows {
        output.append(row == request.rows.lowerBound ? "{" : ",{")
        let identifier = table.rows[row].identifier
        if !identifier.isEmpty {
          output.append("\"id\":")
          output.append(contentsOf: table.text[identifier])
          output.append(UInt8(ascii: ","))
        }
        if table.rows[row].failure == nil, let remark = table.remark(of: table.rows[row]) {
          output.append("\"status\":")
          output.append(quoted: remark.status)
          output.append(UInt8(ascii: ","))
        }
        output.append(outcome: table.rows[row], of: table, columns: columns, head: head)
        output.append(UInt8(ascii: "}"))
      }
      output.append("]}")
    case .openInference:
      output.append(identifier: request.identifier, of: table)
      output.append(contentsOf: head.openInference)
      output.append(tensorsOf: request, of: table, columns: columns, head: head)
      output.append(parameters: status, head: head)
    }
    return status
  }

  /// See `ResponseEncoder`.
  package func encodeFailure(
    _ position: Int, of table: borrowing RequestTable, origin: ResponseOrigin, into output: inout [UInt8]
  ) {
    let request = table.requests[position]
    let head = head(of: origin)
    output.append(identifier: request.identifier, of: table)
    if request.form == .openInference {
      output.append(contentsOf: head.openInference)
      output.append(UInt8(ascii: ","))
      output.append(failure: request.failure, of: table)
      output.append(parameters: .error, head: head)
    } else {
      output.append(status: .error)
      output.append(contentsOf: head.context)
      output.append(failure: request.failure, of: table)
      output.append(UInt8(ascii: "}"))
    }
  }

  /// See `ResponseEncoder`.
  package func appendString(_ text: RawSpan, to output: inout [UInt8]) {
    output.append(jsonString: text)
  }

  private func head(of origin: ResponseOrigin) -> ResponseHead {
    if let lastHead, lastHead.origin === origin { return lastHead }
    let head: ResponseHead
    if let known = heads.first(where: { $0.origin === origin }) {
      head = known
    } else {
      head = ResponseHead(origin)
      if heads.count == Limits.requestPlans { heads.removeFirst() }
      heads.append(head)
    }
    lastHead = head
    return head
  }
}

extension RequestTable {
  /// The status of a request that has not failed as a whole, by its rows. That of a context is its row's own.
  func status(of request: Request) -> ResponseStatus {
    var failed = 0
    for row in rows[request.rows] where row.failure != nil { failed += 1 }
    if failed > 0 { return failed == request.rows.count ? .error : .partial }
    guard request.form == .context, let row = request.rows.first else { return .ok }
    return remark(of: rows[row])?.status ?? .ok
  }

  /// What stands beside a row's outputs.
  func remark(of row: Row) -> RowRemark? {
    guard let position = row.remark, remarks.indices.contains(position) else { return nil }
    return remarks[position]
  }
}
