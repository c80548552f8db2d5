import Domain

/// How a message for people repeats a value that somebody sent: shortened, on one line, without control characters.
enum Quotation {
  /// Text in quotes.
  static func text(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars.prefix(Limits.quotedCharacters) {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format {
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    if text.unicodeScalars.dropFirst(Limits.quotedCharacters).first != nil { result += "…" }
    return result + "\""
  }

  /// A number as JSON writes it.
  static func number(_ value: Double) -> String {
    var bytes: [UInt8] = []
    bytes.append(json: value)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The value at a position of a tape: scalars as they are, containers by kind.
  static func value(_ tape: JSONTape, _ position: Int) -> String {
    switch tape.kind(position) {
    case .string: text(tape.text(position))
    case .int64: String(tape.int64(position))
    case .uint64: String(tape.uint64(position))
    case .double: number(tape.double(position))
    case .true: "true"
    case .false: "false"
    case .null: "null"
    case .object: "an object"
    case .array: tape.elementCount(position) == 1 ? "an array of 1" : "an array of \(tape.elementCount(position))"
    default: "something else"
    }
  }

  /// Members of a list that a message has room for.
  private static let membersShown = 8

  /// The members of a list, as far as a message has room: `one of "a", "b"…`.
  static func list(_ members: [String]) -> String {
    if members.count == 1 { return members[0] }
    return "one of " + members.prefix(membersShown).joined(separator: ", ") + (members.count > membersShown ? "…" : "")
  }

  /// The same of a manifest's list, which may be long: only what is shown is made into text.
  static func list(of values: [Value]) -> String { list(values.prefix(membersShown + 1).map(value)) }

  /// A length of a text.
  static func characters(_ count: Int) -> String { count == 1 ? "1 character" : "\(count) characters" }

  /// A manifest's value.
  static func value(_ value: Value) -> String {
    switch value {
    case .bool(let value): String(value)
    case .int64(let value): String(value)
    case .number(let value): number(value)
    case .text(let value): text(value)
    }
  }
}

extension Quotation {
  /// A name as messages show it: bare if it is short and plain, else in quotes.
  static func name(_ name: String) -> String {
    let isShort = (1...Limits.quotedCharacters).contains(name.utf8.count)
    return isShort && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? name : text(name)
  }
}
