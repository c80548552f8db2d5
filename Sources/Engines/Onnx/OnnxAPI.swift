import COnnxRuntime

/// ONNX Runtime's table of functions, and the one place where a status becomes an error.
///
/// `GetApi(21)` fills every entry that the header declares. The `?` behind an entry is how Swift calls a function
/// pointer that C does not declare non-null; what such a call makes is checked in `make`.
@safe struct OnnxAPI: @unchecked Sendable {
  /// The functions, valid for the life of the process and never written to.
  let functions: UnsafePointer<OrtApi>

  /// The table of the version that this was compiled for.
  init() throws(OnnxError) {
    let base = unsafe OrtGetApiBase()
    guard let functions = unsafe base?.pointee.GetApi?(UInt32(ORT_API_VERSION)) else {
      let version = unsafe base?.pointee.GetVersionString?().map { unsafe String(cString: $0) }
      throw OnnxError(
        "ONNX Runtime \(version ?? "of unknown version") is too old: its API \(ORT_API_VERSION) is needed")
    }
    unsafe self.functions = functions
  }

  /// Turns a status into an error and releases it. No status means success.
  func check(_ status: OpaquePointer?) throws(OnnxError) {
    guard let status = unsafe status else { return }
    defer { unsafe functions.pointee.ReleaseStatus?(status) }
    let message = unsafe functions.pointee.GetErrorMessage?(status).map { unsafe String(cString: $0) }
    throw OnnxError(message ?? "ONNX Runtime gave no reason")
  }

  /// Calls a function that makes an object and returns the object, which the caller owns.
  func make(
    _ function: (UnsafeMutablePointer<OpaquePointer?>) -> OpaquePointer?
  ) throws(OnnxError) -> OpaquePointer {
    var made: OpaquePointer?
    unsafe try check(function(&made))
    guard let made = unsafe made else { throw OnnxError("ONNX Runtime made nothing") }
    return unsafe made
  }
}
