/// The status of a response, its `x-status` header, or of one row.
package enum ResponseStatus: String, Sendable, CaseIterable {
  /// Every row has an answer, or says why it was withheld.
  case ok
  /// Some rows failed.
  case partial
  /// The request or all of its rows failed.
  case error
  /// Of a row: another release or a constant answers.
  case fallback
  /// Of a row: the guard gives no answer.
  case abstained
  /// Of a row: the guard asks whether the answer can be, or gives several.
  case prompt
  /// Of a row: the answer is held for review.
  case held

  /// Whether the guard has kept the outputs from being taken for an answer.
  package var isWithheld: Bool { self == .abstained || self == .prompt || self == .held }
}
