/// A call of ONNX Runtime failed. The ports' errors are made of it: a `StageFailure` in a run, a `StageLoadError` in a
/// load.
struct OnnxError: Error {
  /// The first line of what the library said, shortened.
  let message: String

  init(_ message: String) {
    self.message = ErrorText.shortened(message)
  }
}
