import CSimdJSON

/// Why bytes are not a JSON document that we read.
enum JSONSyntaxError: Error, Equatable, CustomStringConvertible {
  case empty
  case syntax
  case string
  case number
  case notUTF8
  case tooDeep
  case outOfMemory

  /// The error of a code of the shim; nil for success.
  init?(code: Int32) {
    switch Int(code) {
    case UNDERSTUDY_JSON_OK: return nil
    case UNDERSTUDY_JSON_EMPTY: self = .empty
    case UNDERSTUDY_JSON_STRING: self = .string
    case UNDERSTUDY_JSON_NUMBER: self = .number
    case UNDERSTUDY_JSON_UTF8: self = .notUTF8
    case UNDERSTUDY_JSON_DEPTH: self = .tooDeep
    case UNDERSTUDY_JSON_MEMORY: self = .outOfMemory
    default: self = .syntax
    }
  }

  /// For people.
  var description: String {
    switch self {
    case .empty: "expected JSON, got nothing"
    case .syntax: "not a JSON document: brackets, commas or words are wrong, or something follows its end"
    case .string: "not a JSON document: a string is not closed, or holds a wrong escape or a control character"
    case .number: "not a JSON document that can be read: a number is malformed or out of range"
    case .notUTF8: "not a JSON document: not UTF-8"
    case .tooDeep: "nested too deeply"
    case .outOfMemory: "too large for the memory that is left"
    }
  }
}
