import COnnxRuntime

/// One run of a graph that another thread may end (`OrtRunOptions`).
///
/// The library looks whether it is to end before each operator, those of loops included: one operator that takes long is
/// not interrupted.
@safe final class OnnxRun: @unchecked Sendable {
  /// `OrtRunOptions`.
  let options: OpaquePointer
  private let api: OnnxAPI

  init(_ api: OnnxAPI) throws(OnnxError) {
    self.api = api
    unsafe options = try api.make { unsafe api.functions.pointee.CreateRunOptions?($0) }
  }

  deinit { unsafe api.functions.pointee.ReleaseRunOptions?(options) }

  /// Has the run fail as soon as the library looks.
  func end() {
    // It fails for no options only.
    try? unsafe api.check(api.functions.pointee.RunOptionsSetTerminate?(options))
  }
}
