import Domain

/// How a report shows values: as JSON writes them, within `Limits.gateValueBytes`.
package enum GateText {
  /// The elements of an output: one as it is, several as an array.
  package static func value(_ elements: [Value]) -> String {
    let json = elements.map(ManifestWriter.value)
    return shortened((json.count == 1 ? json[0] : .array(json)).line, to: Limits.gateValueBytes)
  }

  /// A text of at most so many bytes, cut between characters.
  package static func shortened(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    var (result, count) = (String.UnicodeScalarView(), "…".utf8.count)
    for scalar in text.unicodeScalars {
      count += UTF8.width(scalar)
      if count > limit { break }
      result.append(scalar)
    }
    return String(result) + "…"
  }
}
