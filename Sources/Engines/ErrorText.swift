import Domain

/// Cuts what a library says to what an answer may carry.
enum ErrorText {
  /// The first line of `text` that is not blank, at most `bytes` bytes, cut between characters.
  static func shortened(_ text: String, bytes: Int = Limits.errorMessageBytes) -> String {
    let line = text.split(whereSeparator: \.isNewline).first ?? ""
    if line.utf8.count <= bytes { return String(line) }
    let ellipsis = "…"
    var result = ""
    var room = bytes - ellipsis.utf8.count
    for character in line {
      room -= character.utf8.count
      if room < 0 { break }
      result.append(character)
    }
    return result + ellipsis
  }
}
