import Domain
import Foundation

/// A URL that a release may be fetched from: http or https, with a host, without a user and without a path that means
/// another one. Normalised, so that what the allow-list is asked about is what is sent.
package struct ReleaseURL: Sendable, Equatable {
  /// As it is sent, with its query.
  package let text: String
  /// As people may see it: a query can hold a signature.
  package let shown: String

  /// Reads a URL.
  /// - Throws: `fetch_failed`, with a message that repeats neither user nor query.
  package init(_ text: String) throws(Refusal) {
    let shown = Self.shown(text)
    func refusal(_ expected: String) -> Refusal {
      Refusal(.fetchFailed, "uri \(ArchivePath.quoted(shown)): expected \(expected)")
    }
    let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
    guard isPlain, text.utf8.count <= Limits.uriBytes, var parts = URLComponents(string: text) else {
      throw refusal("a URL of at most \(Limits.uriBytes) printable ASCII characters")
    }
    guard let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https", let host = parts.host,
      !host.isEmpty
    else { throw refusal("http:// or https:// and a host") }
    guard parts.user == nil, parts.password == nil else {
      throw refusal("no user and password: commands are read by everybody who may read the control topic")
    }
    // Servers resolve such parts, so that the path asked for would not be the path allowed.
    guard !parts.path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
      throw refusal("a path without . and .. parts")
    }
    parts.scheme = scheme
    parts.host = host.lowercased()
    parts.fragment = nil
    guard let normalised = parts.string else { throw refusal("a URL") }
    self.text = normalised
    self.shown = Self.shown(normalised)
  }

  /// Where a redirect leads.
  func redirected(to location: String) throws(Refusal) -> ReleaseURL {
    guard let base = URL(string: text), let target = URL(string: location, relativeTo: base) else {
      throw Refusal(.fetchFailed, "\(shown): redirected to something that is no URL")
    }
    return try ReleaseURL(target.absoluteURL.absoluteString)
  }

  /// Any text as people may see it: without what stands between `//` and `@`, and without query and fragment.
  static func shown(_ text: String) -> String {
    var shown = text.prefix { $0 != "?" && $0 != "#" }
    if let start = shown.firstRange(of: "//") {
      let authority = shown[start.upperBound...].prefix { $0 != "/" }
      if let mark = authority.lastIndex(of: "@") { shown.removeSubrange(start.upperBound...mark) }
    }
    return String(shown)
  }
}
