import Domain

/// An answer that is to be kept, taken apart: what a table has columns for.
package struct StoredAnswer: Sendable {
  /// As text, without quotes.
  package var identifier: String
  /// The release that made it.
  package var release: ReleaseIdentity
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
  ///   - names: the values wanted; those of a context only, since other forms have several rows.
  /// - Throws: if it is no response of ours.
  package init(_ response: [UInt8], member: String, names: [String]) throws(WireError) {
    let reader = JSONReader(try JSON(parsing: response))
    identifier = try Self.identifier(reader["id"], of: response)
    // An Open Inference body has its own names and places.
    func either(_ own: String, _ other: JSONReader) throws(WireError) -> String {
      try reader[own].value == nil ? other.text() : reader[own].text()
    }
    let parameters = reader["parameters"]
    status = try either("status", parameters["status"])
    release = ReleaseIdentity(
      model: try either("model", reader["model_name"]), version: try either("version", reader["model_version"]),
      digest: try either("digest", parameters["digest"]))
    let why = ["error", "guard", "fallback"].map { reader[$0] }.first { $0.value != nil }
    reason = try why?["reason"].text()
    message = try why?["message"].text()
    values = names.map { name -> StoredValue? in
      guard case .object? = reader[member].value else { return nil }
      return Self.value(reader[member][name])
    }
  }

  /// An identifier is a string, or a whole number of 64 bits with a sign or without.
  private static func identifier(_ reader: JSONReader, of response: [UInt8]) throws(WireError) -> String {
    switch reader.value {
    case .integer(let number)?: return String(number)
    case .number?:
      if let number = JSON.unsigned("id", of: response) { return String(number) }
      return try reader.text()
    default: return try reader.text()
    }
  }

  private static func value(_ reader: JSONReader) -> StoredValue? {
    switch reader.value {
    case nil, .null?: nil
    case .array?: reader.value.map { .array($0.line) }
    case let value?: Value(value).map(StoredValue.scalar)
    }
  }
}
