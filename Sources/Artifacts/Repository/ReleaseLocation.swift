import Domain
import Foundation

/// Where the archive of a release is, read from the URI of its announcement.
package enum ReleaseLocation: Sendable, Equatable {
  /// `kafka:<topic>/<partition>/<first>-<last>`: chunks between two offsets, both included.
  case chunks(topic: String, partition: Int32, offsets: ClosedRange<Int64>)
  /// `file:/<path>` or `file:///<path>`, percent-encoded.
  case file(path: String)
  /// `http://…` or `https://…`.
  case web(ReleaseURL)

  /// Reads a URI.
  /// - Throws: `unsupported` for another scheme, `fetch_failed` if what follows the scheme is wrong.
  package init(_ uri: String) throws(Refusal) {
    let parts = uri.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let shown = ArchivePath.quoted(ReleaseURL.shown(uri))
    switch parts[0].lowercased() {
    case "kafka" where parts.count == 2:
      guard let chunks = Self.chunks(parts[1]) else {
        throw Refusal(.fetchFailed, "uri \(shown): expected kafka:<topic>/<partition>/<first offset>-<last offset>")
      }
      self = chunks
      if case .chunks(_, _, let offsets) = self,
        offsets.upperBound - offsets.lowerBound >= Limits.recordsPerReleaseRange
      {
        throw Refusal(.tooLarge, "uri \(shown): expected a range of at most \(Limits.recordsPerReleaseRange) records")
      }
    case "file" where parts.count == 2:
      guard let path = Self.path(parts[1]) else {
        throw Refusal(.fetchFailed, "uri \(shown): expected file:///<absolute path>")
      }
      self = .file(path: path)
    case "http", "https": self = .web(try ReleaseURL(uri))
    default:
      throw Refusal(.unsupported, "uri \(shown): expected kafka:, file:, http: or https:")
    }
  }

  /// The URI of a range of chunks.
  package static func uri(topic: String, partition: Int32, offsets: ClosedRange<Int64>) -> String {
    "kafka:\(topic)/\(partition)/\(offsets.lowerBound)-\(offsets.upperBound)"
  }

  private static func chunks(_ text: Substring) -> ReleaseLocation? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, TopicName.problem(String(parts[0])) == nil, let partition = number(parts[1]),
      let partition = Int32(exactly: partition)
    else { return nil }
    let offsets = parts[2].split(separator: "-", omittingEmptySubsequences: false)
    guard offsets.count == 2, let first = number(offsets[0]), let last = number(offsets[1]), first <= last else {
      return nil
    }
    return .chunks(topic: String(parts[0]), partition: partition, offsets: first...last)
  }

  /// Decimal digits without a sign.
  private static func number(_ text: Substring) -> Int64? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(text) : nil
  }

  private static func path(_ text: Substring) -> String? {
    var rest = text
    if rest.hasPrefix("//") {
      rest = rest.dropFirst(2)
      if rest.hasPrefix("localhost/") { rest = rest.dropFirst("localhost".count) }
    }
    guard rest.hasPrefix("/"), let path = String(rest).removingPercentEncoding, !path.utf8.contains(0) else {
      return nil
    }
    return path
  }
}
