/// The rules, each a function from the text of a file to what is wrong in it.
enum Rules {
  /// Lines that a Swift file may have.
  static let linesPerFile = 400

  /// Traps on what might happen, and work left undone: not in the product.
  static let forbiddenInSources = ["try!", " as! ", "fatalError(", "preconditionFailure(", "TODO", "FIXME"]

  /// Ways to make a test pass that should not.
  static let forbiddenInTests = [".disabled(", "withKnownIssue"]

  /// Time that passes without an event is waited for in the harness only.
  static let waitingInTests = ["sleep("]

  /// Modules that a file imports and its room may not know.
  static func foreignImports(of room: Room, in text: String) -> [String] {
    lines(text).compactMap { number, line in
      guard let module = importedModule(line), !room.modules.contains(module) else { return nil }
      return "\(number): \(room.name) may not import \(module)"
    }
  }

  /// The length of a file, if it is too long.
  static func excessLength(of text: String) -> [String] {
    let count = lines(text).count
    return count > linesPerFile ? ["\(count) lines, at most \(linesPerFile)"] : []
  }

  /// Places where a file has a word that it must not have.
  static func occurrences(of words: [String], in text: String) -> [String] {
    lines(text).flatMap { number, line in
      words.filter { line.contains($0) }.map { "\(number): \($0)" }
    }
  }

  /// The module that a line imports, whatever stands around it: attributes, an access level, the kind of a single
  /// declaration.
  static func importedModule(_ line: Substring) -> String? {
    var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })[...]
    let levels: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
    while let word = words.first, word.hasPrefix("@") || levels.contains(word) { words = words.dropFirst() }
    guard words.first == "import" else { return nil }
    words = words.dropFirst()
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    if let word = words.first, kinds.contains(word) { words = words.dropFirst() }
    return words.first?.split(separator: ".").first.map(String.init)
  }

  private static func lines(_ text: String) -> [(number: Int, line: Substring)] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.enumerated().map { ($0 + 1, $1) }
  }
}
