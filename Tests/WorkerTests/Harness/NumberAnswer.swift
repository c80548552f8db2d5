import Domain
import Wire

@testable import understudy

/// An answer to a request with a number, `r-<number>`, by a release of one number in and one out.
struct NumberAnswer {
  var number: Int
  var status: String
  /// The release that the answer names; empty if it names none.
  var version = ""
  /// Why it is an error.
  var reason: String?
  /// The release's number.
  var output: Double?

  /// Nil for a record that is something else.
  init?(_ record: TopicRecord) {
    guard let value = record.value, let json = try? JSON(parsing: value), case .text(let id)? = json["id"],
      id.hasPrefix("r-"), let number = Int(id.dropFirst(2)), case .text(let status)? = json["status"]
    else { return nil }
    self.number = number
    self.status = status
    if case .text(let text)? = json["version"] { version = text }
    if case .text(let text)? = json["error"]?["reason"] { reason = text }
    switch json["outputs"]?["y"] {
    case .number(let number)?: output = number
    case .integer(let number)?: output = Double(number)
    default: break
    }
  }
}
