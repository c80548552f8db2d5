/// Where the next row of an input's tensor is.
struct TensorCursor: BitwiseCopyable {
  /// Position on the tape; 0 if the request has no such tensor.
  var position = 0
  /// Whether each row is an array of its own.
  var isNested = false
}
