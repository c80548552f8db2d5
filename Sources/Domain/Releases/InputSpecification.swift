/// A field that requests carry and the first stages read.
package struct InputSpecification: Sendable, Equatable {
  /// Name, datatype and width; width above 1 is an array of that many numbers.
  package var column: ColumnDescriptor
  /// Whether a request may leave it out; then `defaultValue` stands in.
  package var isOptional: Bool
  /// What stands in for a missing field, for each of its elements.
  package var defaultValue: Value?
  /// The smallest value allowed, numbers only.
  package var minimum: Double?
  /// The largest value allowed, numbers only.
  package var maximum: Double?
  /// The only values allowed; nil means any.
  package var values: [Value]?
  /// A regular expression that the whole value must match, BYTES only; the decoder of manifests knows its syntax.
  package var pattern: String?
  /// The fewest Unicode characters (code points) allowed, BYTES only.
  package var minimumLength: Int?
  /// The most Unicode characters (code points) allowed, BYTES only.
  package var maximumLength: Int?

  /// A specification; the decoder of manifests checks that the parts fit the datatype.
  package init(
    column: ColumnDescriptor, isOptional: Bool = false, defaultValue: Value? = nil,
    minimum: Double? = nil, maximum: Double? = nil, values: [Value]? = nil, pattern: String? = nil,
    minimumLength: Int? = nil, maximumLength: Int? = nil
  ) {
    self.column = column
    self.isOptional = isOptional
    self.defaultValue = defaultValue
    self.minimum = minimum
    self.maximum = maximum
    self.values = values
    self.pattern = pattern
    self.minimumLength = minimumLength
    self.maximumLength = maximumLength
  }
}

/// A column that answers carry.
package struct OutputSpecification: Sendable, Equatable {
  /// Name, datatype and width; a stage must make a column just like it.
  package var column: ColumnDescriptor
  /// The smallest value that makes sense, numbers only.
  package var minimum: Double?
  /// The largest value that makes sense, numbers only.
  package var maximum: Double?
  /// The only values that make sense; nil means any.
  package var values: [Value]?

  /// A specification; the decoder of manifests checks that the parts fit the datatype.
  package init(column: ColumnDescriptor, minimum: Double? = nil, maximum: Double? = nil, values: [Value]? = nil) {
    self.column = column
    self.minimum = minimum
    self.maximum = maximum
    self.values = values
  }
}
