/// Why an expression is none that RE2 takes.
struct PatternSyntaxError: Error, Equatable {
  /// RE2's words, `missing ): a(b`.
  let message: String
}
