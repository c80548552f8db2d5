import Domain

/// What the response to a context says, read back from its bytes as a requester reads it.
package enum RowAnswer: Sendable, Equatable {
  /// By position of the manifest's outputs, as many elements as each is wide.
  case outputs([[Value]])
  /// The reason and message of its error.
  case failed(reason: String, message: String)

  /// Reads a response. Numbers of FP32 outputs are read as FP32 and widened, so that they are the very values that the
  /// release has made.
  package init(response: [UInt8], outputs: [OutputSpecification]) {
    do throws(WireError) {
      let reader = JSONReader(try JSON(parsing: response))
      if reader["error"].value != nil {
        let error = reader["error"]
        self = .failed(reason: try error["reason"].text(), message: try error["message"].text())
        return
      }
      var values: [[Value]] = []
      for output in outputs { values.append(try reader["outputs"][output.column.name].elements(of: output.column)) }
      self = .outputs(values)
    } catch {
      self = .failed(reason: ResponseReason.outputRejected.rawValue, message: "the response: \(error)")
    }
  }
}

extension JSONReader {
  /// The values of one row of a column: one, or an array of as many as the column is wide.
  func elements(of column: ColumnDescriptor) throws(WireError) -> [Value] {
    guard column.width > 1 else { return [try element(column.datatype)] }
    let elements = try elements()
    guard elements.count == column.width else { throw error(expected: "an array of \(column.width)") }
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for element in elements { values.append(try element.element(column.datatype)) }
    return values
  }

  private func element(_ datatype: Datatype) throws(WireError) -> Value {
    switch datatype {
    case .bool: return .bool(try bool())
    case .int64: return .int64(try integer())
    case .bytes: return .text(try text())
    case .float64: return .number(try number())
    case .float32:
      let number = Float(try number())
      guard number.isFinite else { throw error(expected: "a number that FP32 can hold") }
      return .number(Double(number))
    }
  }
}
