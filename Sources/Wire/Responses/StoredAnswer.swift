import Domain

/// An answer that is to be kept, taken apart: what a table has columns for.
package struct StoredAnswer: Sendable {
  /// As text, without quotes.
  package var identifier: String
  package var status: String
  /// Why it is no plain answer: of its error, its guard, or what made a fallback answer.
  package var reason: String?
  package var message: String?
  /// By position of the names asked for; nil for what is not there, an array for a wide one.
  package var values: [StoredValue?]

  /// A value of an answer.
  package enum StoredValue: Sendable, Equatable {
    case scalar(Value)
    /// The array as JSON.
    case array(String)
  }

  /// Takes an answer apart.
  /// - Parameters:
  ///   - member: `outputs` or `features`.
  ///   - names: the values wanted.
  /// - Throws: if it is no response of ours.
  package init(_ response: [UInt8], member: String, names: [String]) throws(WireError) {
    let reader = JSONReader(try JSON(parsing: response))
    let id = reader["id"]
    identifier = if case .integer(let number)? = id.value { String(number) } else { try id.text() }
    status = try reader["status"].text()
    let why = ["error", "guard", "fallback"].map { reader[$0] }.first { $0.value != nil }
    reason = try why?["reason"].text()
    message = try why?["message"].text()
    values = names.map { name in
      switch reader[member][name].value {
      case nil, .null?: nil
      case .array?: reader[member][name].value.map { .array($0.line) }
      case let value?: Value(value).map(StoredValue.scalar)
      }
    }
  }
}
