extension String {
  /// The text within so many bytes of UTF-8, cut between characters and then ending in `…`.
  package func shortened(toBytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var (result, count) = (String.UnicodeScalarView(), "…".utf8.count)
    for scalar in unicodeScalars {
      count += UTF8.width(scalar)
      if count > limit { break }
      result.append(scalar)
    }
    return String(result) + "…"
  }
}
