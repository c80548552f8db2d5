import Domain

/// What the row loop needs of one input, without references, so that it copies for free.
struct FieldPlan {
  /// Type of the elements.
  var datatype: Datatype
  /// Elements a row.
  var width: Int
  /// Whether it is an FP32 number that need not be one of a list.
  var isPlainFloat32: Bool
  /// Smallest value allowed; −∞ for any.
  var minimum: Double
  /// Largest value allowed; +∞ for any.
  var maximum: Double
  /// Smallest integer allowed; above `maximumInteger` if none is.
  var minimumInteger: Int64
  /// Largest integer allowed.
  var maximumInteger: Int64
  /// Whether only listed values are allowed.
  var isListed: Bool
  /// Fewest characters of a text.
  var minimumLength: Int
  /// Most characters of a text.
  var maximumLength: Int
  /// Whether a text has lengths or a pattern to fit.
  var hasTextRules: Bool
  /// Whether a default stands in for a missing field.
  var hasDefault: Bool

  /// The plan of an input.
  init(_ input: InputSpecification) {
    datatype = input.column.datatype
    width = input.column.width
    minimum = input.minimum ?? -.infinity
    maximum = input.maximum ?? .infinity
    // Compared as integers: from 2⁵³ on a double is several of them.
    let (lowest, highest) = (minimum.rounded(.up), maximum.rounded(.down))
    minimumInteger = lowest < -0x1p63 ? .min : Int64(exactly: lowest) ?? .max
    maximumInteger = highest >= 0x1p63 ? .max : Int64(exactly: highest) ?? .min
    if lowest >= 0x1p63 || highest < -0x1p63 { (minimumInteger, maximumInteger) = (.max, .min) }
    isListed = input.values != nil
    isPlainFloat32 = datatype == .float32 && width == 1 && input.values == nil
    minimumLength = input.minimumLength ?? 0
    maximumLength = input.maximumLength ?? .max
    hasTextRules = input.pattern != nil || input.minimumLength != nil || input.maximumLength != nil
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
