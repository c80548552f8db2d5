import Domain

/// A value of a document with the path to it, so that whatever is wrong with it can be named.
struct JSONReader {
  /// The value; nil if it is absent. A null counts as absent.
  let value: JSON?
  /// Dotted path from the document, `inputs[1].width`.
  let path: String

  /// A reader of a whole document.
  init(_ value: JSON, path: String = "") {
    self.init(value: value, path: path)
  }

  private init(value: JSON?, path: String) {
    self.value = value == .null ? nil : value
    self.path = path
  }

  /// The error that something else was expected here.
  func error(expected: String) -> WireError {
    .invalid(path: path, expected: expected, found: found)
  }

  /// The value as messages show it.
  var found: String {
    switch value {
    case nil, .null?: "nothing"
    case .bool(let value)?: String(value)
    case .integer(let value)?: String(value)
    case .number(let value)?: Quotation.number(value)
    case .text(let text)?: Quotation.text(text)
    case .array(let elements)?: "an array of \(elements.count)"
    case .object?: "an object"
    }
  }

  // MARK: Parts

  /// A field of the object here, which may be absent.
  subscript(name: String) -> JSONReader {
    member(name, value?[name])
  }

  private func member(_ name: String, _ value: JSON?) -> JSONReader {
    JSONReader(value: value, path: path.isEmpty ? name : "\(path).\(name)")
  }

  /// The fields of the object here.
  func fields() throws(WireError) -> [(name: String, reader: JSONReader)] {
    guard case .object(let fields)? = value else { throw error(expected: "an object") }
    return fields.map { ($0.name, member($0.name, $0.value)) }
  }

  /// The fields of the object here as `read` makes them; none if it is absent.
  func dictionary<Result>(
    _ read: (JSONReader) throws(WireError) -> Result
  ) throws(WireError) -> [String: Result] {
    guard value != nil else { return [:] }
    var dictionary: [String: Result] = [:]
    for (name, reader) in try fields() { dictionary[name] = try read(reader) }
    return dictionary
  }

  /// The elements of the array here.
  func elements(atMost limit: Int = .max) throws(WireError) -> [JSONReader] {
    guard case .array(let elements)? = value else { throw error(expected: "an array") }
    guard elements.count <= limit else { throw error(expected: "at most \(limit) elements") }
    return elements.enumerated().map { JSONReader(value: $1, path: "\(path)[\($0)]") }
  }

  /// As `read` makes it of what is here; nil if it is absent.
  func optional<Result>(_ read: (JSONReader) throws(WireError) -> Result) throws(WireError) -> Result? {
    value == nil ? nil : try read(self)
  }

  // MARK: Scalars

  /// The string here.
  func text() throws(WireError) -> String {
    guard case .text(let text)? = value else { throw error(expected: "a string") }
    return text
  }

  /// The string here, which may be absent.
  func optionalText() throws(WireError) -> String? {
    value == nil ? nil : try text()
  }

  /// The truth value here.
  func bool() throws(WireError) -> Bool {
    guard case .bool(let bool)? = value else { throw error(expected: "true or false") }
    return bool
  }

  /// The integer here; 5.0 is one.
  func integer(in range: ClosedRange<Int64> = Int64.min...Int64.max) throws(WireError) -> Int64 {
    let exact: Int64? =
      switch value {
      case .integer(let integer): integer
      case .number(let number): Int64(exactly: number)
      default: nil
      }
    guard let exact, range.contains(exact) else {
      let all = range.lowerBound == .min && range.upperBound == .max
      let isOpen = range.upperBound == .max
      throw error(
        expected: all
          ? "an integer"
          : isOpen
            ? "an integer from \(range.lowerBound)" : "an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return exact
  }

  /// The number here.
  func number() throws(WireError) -> Double {
    switch value {
    case .integer(let integer): return Double(integer)
    case .number(let number): return number
    default: throw error(expected: "a number")
    }
  }

  /// One of the texts of a closed list.
  func choice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type) throws(WireError) -> Choice
  where Choice.RawValue == String {
    guard case .text(let text)? = value, let choice = Choice(rawValue: text) else {
      throw error(expected: Quotation.list(Choice.allCases.map { Quotation.text($0.rawValue) }))
    }
    return choice
  }

  /// A name that is safe as a path, a key and a header.
  func name() throws(WireError) -> String {
    let text = try text()
    guard ReleaseIdentity.isValidName(text) else {
      throw error(expected: "at most \(Limits.nameCharacters) letters, digits and . _ -, not starting with a dot")
    }
    return text
  }
}
