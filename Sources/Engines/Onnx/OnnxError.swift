/// A call of ONNX Runtime failed. The ports' errors are made of it: a `StageFailure` in a run, a `StageLoadError` in a
/// load.
struct OnnxError: Error {
  /// The first line of what the library said, shortened.
  let message: String
  /// Whether it was interrupted, for it did not end within its time.
  let isOverTime: Bool

  init(_ message: String, isOverTime: Bool = false) {
    self.message = ErrorText.shortened(message)
    self.isOverTime = isOverTime
  }
}
