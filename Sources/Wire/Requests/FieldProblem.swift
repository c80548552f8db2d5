/// What is wrong with a field's value: small, so that a good row pays nothing for it. The message is made afterwards.
struct FieldProblem: BitwiseCopyable {
  /// What kind of wrong.
  var kind: Kind
  /// Element of a wide field, or -1 for the field itself.
  var element: Int
  /// Position of the value on the tape; 0 if there is none.
  var position: Int

  /// A problem.
  init(_ kind: Kind, at position: Int, element: Int = -1) {
    self.kind = kind
    self.element = element
    self.position = position
  }

  /// Kinds of wrong.
  enum Kind: BitwiseCopyable {
    case missing
    case wrongType
    case wrongWidth
    case notFinite
    case notInteger64
    case belowMinimum
    case aboveMaximum
    case notListed
    case tooShort
    case tooLong
    case notMatching
  }
}
