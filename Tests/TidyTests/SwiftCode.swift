/// Just enough of Swift's syntax to look for words and to count lines.
enum SwiftCode {
  /// Blanks comments, the insides of strings and of names in backticks; every line stays where it was.
  static func withoutCommentsAndStrings(_ text: String) -> String {
    var result: [Character] = []
    var rest = Substring(text)
    while let first = rest.first {
      if rest.hasPrefix("//") {
        rest = rest.drop { !$0.isNewline }
      } else if rest.hasPrefix("/*") {
        skip(to: "*/", &rest, &result)
      } else if first == "`" {
        rest.removeFirst()
        result.append("_")
        skip(to: "`", &rest, &result)
      } else if let hashes = openingHashes(of: rest) {
        skipString(hashes, &rest, &result)
      } else {
        result.append(first)
        rest.removeFirst()
      }
    }
    return String(result)
  }

  /// The number of `#` before a string's quote; nil if none begins here.
  private static func openingHashes(of text: Substring) -> Int? {
    let hashes = text.prefix { $0 == "#" }.count
    return text.dropFirst(hashes).first == "\"" ? hashes : nil
  }

  private static func skipString(_ hashes: Int, _ rest: inout Substring, _ result: inout [Character]) {
    let marks = String(repeating: "#", count: hashes)
    let quotes = rest.dropFirst(hashes).hasPrefix("\"\"\"") ? "\"\"\"" : "\""
    rest = rest.dropFirst(hashes + quotes.count)
    while !rest.isEmpty, !rest.hasPrefix(quotes + marks) {
      // An escaped character does not end the string.
      if rest.hasPrefix("\\" + marks) { rest = rest.dropFirst(1 + hashes) }
      if rest.first?.isNewline == true { result.append("\n") }
      rest = rest.dropFirst()
    }
    rest = rest.dropFirst(quotes.count + hashes)
    result += "\"\""
  }

  private static func skip(to end: String, _ rest: inout Substring, _ result: inout [Character]) {
    while !rest.isEmpty, !rest.hasPrefix(end) {
      if rest.removeFirst().isNewline { result.append("\n") }
    }
    rest = rest.dropFirst(end.count)
  }

  /// First line and number of lines of every function, initializer and subscript that has a body.
  static func functions(in code: String) -> [(line: Int, count: Int)] {
    let lines = code.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    return lines.indices.compactMap { start in
      let words = lines[start].split { !$0.isLetter && $0 != "_" }
      guard words.contains(where: { ["func", "init", "deinit", "subscript"].contains($0) }) else { return nil }
      guard isDeclaration(lines[start]) else { return nil }
      return bodyEnd(lines, from: start).map { (start + 1, $0 - start + 1) }
    }
  }

  private static func isDeclaration(_ line: String) -> Bool {
    guard
      let range = ["func ", "init(", "init?(", "init<", "deinit", "subscript"].lazy.compactMap({
        line.firstRange(of: $0)
      }).first
    else { return false }
    return !line[..<range.lowerBound].contains { ".={(".contains($0) }
  }

  /// The line on which the first braces that open outside of parentheses close again; nil if a line ends before they open and nothing of a
  /// signature follows.
  private static func bodyEnd(_ lines: [String], from start: Int) -> Int? {
    var (parentheses, braces) = (0, 0)
    for line in start..<lines.count {
      for character in lines[line] {
        switch character {
        case "(", "[": parentheses += 1
        case ")", "]": parentheses -= 1
        case "{" where parentheses == 0 || braces > 0: braces += 1
        case "}" where braces > 0:
          braces -= 1
          if braces == 0 { return line }
        default: break
        }
      }
      let next = line + 1 < lines.count ? lines[line + 1].drop { $0 == " " } : ""
      let goesOn = ["{", "->", "throws", "rethrows", "async", "where", ")"].contains { next.hasPrefix($0) }
      if braces == 0, parentheses == 0, !goesOn { return nil }
    }
    return nil
  }
}
