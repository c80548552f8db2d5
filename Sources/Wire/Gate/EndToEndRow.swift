import Domain

/// One line of an end-to-end set.
package struct EndToEndRow: Sendable, Equatable {
  /// From 1.
  package let line: Int
  /// The inputs as a request's body.
  package let context: [UInt8]
  /// What the answer must say, by output.
  package let expected: [Expected]

  /// One output.
  package struct Expected: Sendable, Equatable {
    /// Its position in the manifest.
    package let output: Int
    /// As many as the output is wide.
    package let elements: [Value]

    /// An expectation.
    package init(output: Int, elements: [Value]) {
      self.output = output
      self.elements = elements
    }
  }
}
