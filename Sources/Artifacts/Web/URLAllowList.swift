import Domain
import Foundation

/// Which URLs releases may be fetched from: those that one of the patterns matches as a whole.
package final class URLAllowList: Sendable {
  private let patterns: [NSRegularExpression]

  /// A list; throws if a pattern is no regular expression, or if there are too many.
  package init(_ patterns: [String]) throws {
    guard patterns.count <= Limits.fetchPatterns else {
      throw Refusal(.tooLarge, "expected at most \(Limits.fetchPatterns) patterns, found \(patterns.count)")
    }
    self.patterns = try patterns.map { try NSRegularExpression(pattern: "^(?:\($0))$") }
  }

  private init() { patterns = [] }

  /// Allows nothing.
  package static let none = URLAllowList()

  var isEmpty: Bool { patterns.isEmpty }

  /// - Throws: `unsupported` while nothing is allowed at all, else `fetch_failed`, with the key that would allow it.
  func check(_ url: ReleaseURL) throws(Refusal) {
    guard !isEmpty else {
      throw Refusal(
        .unsupported,
        "\(url.shown): this worker fetches nothing over HTTP; its configuration would have to allow it by `fetch.allow`"
      )
    }
    let range = NSRange(url.text.startIndex..., in: url.text)
    guard patterns.contains(where: { $0.firstMatch(in: url.text, range: range) != nil }) else {
      throw Refusal(.fetchFailed, "\(url.shown): no pattern of this worker's `fetch.allow` matches it")
    }
  }
}
