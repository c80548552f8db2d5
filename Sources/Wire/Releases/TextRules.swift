import Domain

/// What the rules for texts of a manifest's inputs must be to each other: patterns must be ones that we can match, and
/// a default and listed values must be texts that a request could carry.
enum TextRules {
  /// Checks inputs whose parts are each well-formed.
  static func check(_ inputs: [InputSpecification]) throws(WireError) {
    var patterns = 0
    for (number, input) in inputs.enumerated() {
      let path = "inputs[\(number)]"
      patterns += input.pattern == nil ? 0 : 1
      guard patterns <= Limits.patternsPerRelease else {
        throw .invalid(
          path: "\(path).pattern", expected: "at most \(Limits.patternsPerRelease) patterns", found: "one more")
      }
      let pattern = try compile(input.pattern, path: path)
      if let value = input.defaultValue { try check(value, input, pattern, path: "\(path).default") }
      for (element, value) in (input.values ?? []).enumerated() {
        try check(value, input, pattern, path: "\(path).values[\(element)]")
      }
    }
  }

  private static func compile(_ expression: String?, path: String) throws(WireError) -> Pattern? {
    guard let expression else { return nil }
    do throws(PatternSyntaxError) {
      return try Pattern(expression)
    } catch {
      throw .invalid(
        path: "\(path).pattern", expected: "a regular expression that RE2 takes",
        found: "\(Quotation.text(expression)) (\(error.message))")
    }
  }

  private static func check(
    _ value: Value, _ input: InputSpecification, _ pattern: Pattern?, path: String
  ) throws(WireError) {
    guard case .text(let text) = value else { return }
    let count = text.unicodeScalars.count
    if let minimum = input.minimumLength, count < minimum {
      throw .invalid(
        path: path, expected: "at least the minimum_length, \(Quotation.characters(minimum))",
        found: "\(count): \(Quotation.text(text))")
    }
    if let maximum = input.maximumLength, count > maximum {
      throw .invalid(
        path: path, expected: "at most the maximum_length, \(Quotation.characters(maximum))",
        found: "\(count): \(Quotation.text(text))")
    }
    if let pattern, let expression = input.pattern, !pattern.matches(text) {
      throw .invalid(
        path: path, expected: "a text that matches the pattern, \(Quotation.text(expression))",
        found: Quotation.text(text))
    }
  }
}
