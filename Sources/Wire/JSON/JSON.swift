import Domain

/// A JSON document as a tree, for what is not on the hot path: manifests, commands, events, status, answers of the
/// admin API.
///
/// Unlike Foundation's coders it tells integers, numbers and truth values apart, keeps the order of fields and writes
/// the same bytes each time.
package enum JSON: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case text(String)
  case array([JSON])
  /// Fields in their order; names are unique.
  case object([Field])

  /// A field of an object.
  package struct Field: Sendable, Hashable {
    /// Its name.
    package var name: String
    /// Its value.
    package var value: JSON

    /// A field.
    package init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  /// Reads a document of at most `Limits.requestDepth` levels. Of a name that comes twice in an object the last value
  /// counts; whole numbers beyond 64 bits signed become `number`.
  package init(parsing bytes: [UInt8]) throws(WireError) {
    try self.init(parsing: bytes, with: JSONParser(maximumDepth: Limits.requestDepth))
  }

  /// Reads a document with a parser that is used again for the next one.
  init(parsing bytes: [UInt8], with parser: JSONParser) throws(WireError) {
    do throws(JSONSyntaxError) {
      let tape = unsafe try parser.parse(bytes.span.bytes)
      self.init(tape, JSONTape.root)
      // The tape is the parser's memory.
      withExtendedLifetime(parser) {}
    } catch {
      throw .notJSON(error.description)
    }
  }

  /// A field of a document's object, if it is a whole number that only 64 bits without a sign can hold: as a `number` it is
  /// rounded.
  static func unsigned(_ name: String, of bytes: [UInt8]) -> UInt64? {
    let parser = JSONParser(maximumDepth: Limits.requestDepth)
    guard let tape = unsafe try? parser.parse(bytes.span.bytes), tape.kind(JSONTape.root) == .object else { return nil }
    var number: UInt64?
    var at = JSONTape.root + 1
    while at < tape.end(JSONTape.root) {
      if tape.text(at) == name { number = tape.kind(at + 1) == .uint64 ? tape.uint64(at + 1) : nil }
      at = tape.next(at + 1)
    }
    withExtendedLifetime(parser) {}
    return number
  }

  private init(_ tape: JSONTape, _ position: Int) {
    switch tape.kind(position) {
    case .object: self = .object(Self.fields(tape, position))
    case .array:
      var elements: [JSON] = []
      var at = position + 1
      let end = tape.end(position)
      while at < end {
        elements.append(JSON(tape, at))
        at = tape.next(at)
      }
      self = .array(elements)
    case .string: self = .text(tape.text(position))
    case .int64: self = .integer(tape.int64(position))
    case .uint64: self = .number(Double(tape.uint64(position)))
    case .double: self = .number(tape.double(position))
    case .true: self = .bool(true)
    case .false: self = .bool(false)
    default: self = .null
    }
  }

  private static func fields(_ tape: JSONTape, _ object: Int) -> [Field] {
    var fields: [Field] = []
    var places: [String: Int] = [:]
    var at = object + 1
    let end = tape.end(object)
    while at < end {
      let name = tape.text(at)
      let value = JSON(tape, at + 1)
      if let place = places[name] {
        fields[place].value = value
      } else {
        places[name] = fields.count
        fields.append(Field(name, value))
      }
      at = tape.next(at + 1)
    }
    return fields
  }

  /// The value of a field of an object, if it has it.
  package subscript(name: String) -> JSON? {
    guard case .object(let fields) = self else { return nil }
    return fields.first { $0.name == name }?.value
  }

  /// Sets a field of an object, in its place or at the end. Does nothing to what is not an object.
  package mutating func set(_ name: String, to value: JSON) {
    guard case .object(var fields) = self else { return }
    if let place = fields.firstIndex(where: { $0.name == name }) {
      fields[place].value = value
    } else {
      fields.append(Field(name, value))
    }
    self = .object(fields)
  }
}

extension JSON {
  /// Sets a field to a text, if there is one.
  package mutating func set(_ name: String, toOptional text: String?) {
    if let text { set(name, to: .text(text)) }
  }

  /// An object of integers, by name in order.
  static func counts(_ counts: [String: Int64]) -> JSON {
    .object(counts.sorted { $0.key < $1.key }.map { Field($0.key, .integer($0.value)) })
  }

  /// An object of texts, by name in order.
  static func texts(_ texts: [String: String]) -> JSON {
    .object(texts.sorted { $0.key < $1.key }.map { Field($0.key, .text($0.value)) })
  }
}
