import Domain

/// What the row loop needs of one input, without references, so that it copies for free.
struct FieldPlan {
  /// Type of the elements.
  var datatype: Datatype
  /// Elements a row.
  var width: Int
  /// Smallest value allowed; −∞ for any.
  var minimum: Double
  /// Largest value allowed; +∞ for any.
  var maximum: Double
  /// Whether only listed values are allowed.
  var isListed: Bool
  /// Whether a default stands in for a missing field.
  var hasDefault: Bool

  /// The plan of an input.
  init(_ input: InputSpecification) {
    datatype = input.column.datatype
    width = input.column.width
    minimum = input.minimum ?? -.infinity
    maximum = input.maximum ?? .infinity
    isListed = input.values != nil
    hasDefault = input.isOptional && input.defaultValue != nil
  }

  /// What messages say an element must be.
  var expectedElement: String {
    switch datatype {
    case .bool: "true or false"
    case .int64: "an integer"
    case .float32, .float64: "a number"
    case .bytes: "a string"
    }
  }

  /// What messages say an array of elements holds.
  var expectedElements: String {
    switch datatype {
    case .bool: "truth values"
    case .int64: "integers"
    case .float32, .float64: "numbers"
    case .bytes: "strings"
    }
  }
}
