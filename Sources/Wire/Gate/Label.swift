import Domain

/// A class as labels and decisions write it: the kind of value, and its text as JSON writes it without quotes.
///
/// Two are the same class if both are equal, so that the text "1" is never taken for the number 1, while 1 and 1.0 are
/// the same.
package struct Label: Sendable, Hashable {
  package let kind: Kind
  /// By this text the matrix of costs finds it.
  package let text: String

  /// The kinds of values that can be a class.
  package enum Kind: String, Sendable {
    case text = "a string"
    case number = "a number"
    case truth = "true or false"

    /// The kind that an output of a datatype has.
    package init(_ datatype: Datatype) {
      switch datatype {
      case .bytes: self = .text
      case .bool: self = .truth
      case .int64, .float32, .float64: self = .number
      }
    }
  }

  /// The class of a value.
  package init(_ value: Value) {
    switch value {
    case .text(let text): (kind, self.text) = (.text, text)
    case .bool(let value): (kind, text) = (.truth, String(value))
    case .int64(let integer): (kind, text) = (.number, String(integer))
    case .number(let number):
      kind = .number
      // Integers beyond 2⁵³ would lose digits as numbers; within, both have one text. Minus zero is zero.
      text = Int64(exactly: number).map(String.init) ?? Quotation.number(number)
    }
  }
}
