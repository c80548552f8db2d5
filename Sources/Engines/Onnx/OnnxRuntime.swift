import COnnxRuntime

/// What all sessions share: the process-wide environment, the default allocator and the description of plain memory.
///
/// ONNX Runtime allows one environment a process; it is made at first use and lives as long as the process.
@safe final class OnnxRuntime: @unchecked Sendable {
  /// The one instance, or why there is none.
  static let shared: Result<OnnxRuntime, OnnxError> = {
    do throws(OnnxError) { return .success(try OnnxRuntime()) } catch { return .failure(error) }
  }()

  let api: OnnxAPI
  /// `OrtEnv`.
  let environment: OpaquePointer
  /// The library's own; not to be released.
  let allocator: UnsafeMutablePointer<OrtAllocator>
  /// `OrtMemoryInfo` of memory that others own and lend.
  let memory: OpaquePointer

  private init() throws(OnnxError) {
    let api = try OnnxAPI()
    let environment = unsafe try api.make {
      unsafe api.functions.pointee.CreateEnv?(ORT_LOGGING_LEVEL_ERROR, "understudy", $0)
    }
    let memory = unsafe try api.make {
      unsafe api.functions.pointee.CreateCpuMemoryInfo?(OrtDeviceAllocator, OrtMemTypeDefault, $0)
    }
    var allocator: UnsafeMutablePointer<OrtAllocator>?
    unsafe try api.check(api.functions.pointee.GetAllocatorWithDefaultOptions?(&allocator))
    guard let allocator = unsafe allocator else { throw OnnxError("ONNX Runtime has no allocator") }
    self.api = api
    unsafe self.environment = environment
    unsafe self.memory = memory
    unsafe self.allocator = allocator
  }

  deinit {
    unsafe api.functions.pointee.ReleaseMemoryInfo?(memory)
    unsafe api.functions.pointee.ReleaseEnv?(environment)
  }
}
