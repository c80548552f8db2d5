/// A single value as a manifest writes it: a default, or a member of a list of allowed values.
package enum Value: Sendable, Hashable {
  /// For BOOL columns.
  case bool(Bool)
  /// For INT64 columns.
  case int64(Int64)
  /// For FP32 and FP64 columns.
  case number(Double)
  /// For BYTES columns, UTF-8.
  case text(String)
}
