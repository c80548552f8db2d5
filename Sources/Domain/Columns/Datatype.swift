/// The type of a column's elements, named as in the Open Inference Protocol, version 2.
package enum Datatype: String, Sendable, Hashable, CaseIterable {
  /// One byte an element, 0 or 1.
  case bool = "BOOL"
  /// Eight bytes an element, two's complement.
  case int64 = "INT64"
  /// Four bytes an element, IEEE 754 binary32.
  case float32 = "FP32"
  /// Eight bytes an element, IEEE 754 binary64.
  case float64 = "FP64"
  /// Any bytes; text is UTF-8.
  case bytes = "BYTES"

  /// Bytes that one element takes in a column's memory. A `BYTES` element is a position and a length in the column's
  /// text.
  package var elementBytes: Int {
    switch self {
    case .bool: 1
    case .float32: 4
    case .int64, .float64, .bytes: 8
    }
  }
}
