import COnnxRuntime
import Domain

/// A compiled graph, ready to run on any number of threads at once (`OrtRun` is thread-safe).
///
/// Two settings differ from the library's defaults: threads never spin while they wait, for the lanes need the
/// processor; and memory patterns are off, because the library remembers one for every batch size that it meets and
/// never forgets any.
@safe final class OnnxSession: @unchecked Sendable {
  let runtime: OnnxRuntime
  /// Names of the graph's inputs in its own order; overridable initializers are not among them.
  let inputNames: OnnxNames
  /// Names of the graph's outputs in its own order.
  let outputNames: OnnxNames
  /// `OrtSession`.
  private let session: OpaquePointer

  /// Compiles a graph. The file's content need not live on.
  init(_ file: OnnxFile, options: OnnxOptions, runtime: OnnxRuntime) throws(OnnxError) {
    let api = runtime.api
    let settings = unsafe try Self.settings(options, api)
    defer { unsafe api.functions.pointee.ReleaseSessionOptions?(settings) }
    let session = unsafe try api.make { made in
      unsafe file.withUnsafeContent {
        unsafe api.functions.pointee.CreateSessionFromArray?(
          runtime.environment, $0.baseAddress, $0.count, settings, made)
      }
    }
    do throws(OnnxError) {
      inputNames = unsafe try OnnxNames(
        api, count: { unsafe api.functions.pointee.SessionGetInputCount?(session, $0) },
        name: { unsafe api.functions.pointee.SessionGetInputName?(session, $0, runtime.allocator, $1) },
        free: { unsafe api.functions.pointee.AllocatorFree?(runtime.allocator, $0) })
      outputNames = unsafe try OnnxNames(
        api, count: { unsafe api.functions.pointee.SessionGetOutputCount?(session, $0) },
        name: { unsafe api.functions.pointee.SessionGetOutputName?(session, $0, runtime.allocator, $1) },
        free: { unsafe api.functions.pointee.AllocatorFree?(runtime.allocator, $0) })
    } catch {
      unsafe api.functions.pointee.ReleaseSession?(session)
      throw error
    }
    self.runtime = runtime
    unsafe self.session = session
  }

  deinit {
    unsafe runtime.api.functions.pointee.ReleaseSession?(session)
  }

  /// Runs the graph once. Outputs that are nil are made by the library, others are written in place; their shape must
  /// be what the graph makes.
  /// - Parameter limit: the time after which it is interrupted; nil for none, where who loads it has a limit of its own.
  func run(
    _ inputs: borrowing OnnxValues, into outputs: borrowing OnnxValues, within limit: Duration?
  ) throws(OnnxError) {
    guard let limit else {
      unsafe try runtime.api.check(status(inputs, outputs, options: nil))
      return
    }
    let run = try OnnxRun(runtime.api)
    let started = ContinuousClock.now
    let (failure, isEnded) = RunTimer.shared.time(run, within: limit) { () -> OnnxError? in
      do throws(OnnxError) {
        unsafe try runtime.api.check(status(inputs, outputs, options: run.options))
        return nil
      } catch {
        return error
      }
    }
    // What ends in the moment in which it is to be interrupted has ended.
    guard let failure else { return }
    guard isEnded else { throw failure }
    let milliseconds = started.duration(to: .now).nanoseconds / 1_000_000
    throw OnnxError("the graph was interrupted after \(milliseconds) ms", isOverTime: true)
  }

  private func status(
    _ inputs: borrowing OnnxValues, _ outputs: borrowing OnnxValues, options: OpaquePointer?
  ) -> OpaquePointer? {
    unsafe runtime.api.functions.pointee.Run?(
      session, options, inputNames.pointers.baseAddress, inputs.pointers.baseAddress, inputs.pointers.count,
      outputNames.pointers.baseAddress, outputs.pointers.count, outputs.pointers.baseAddress)
  }

  /// Lends the declared type (`OrtTypeInfo`) of an input.
  func withInputType<Result>(
    _ index: Int, _ body: (OpaquePointer) throws(StageLoadError) -> Result
  ) throws(StageLoadError) -> Result {
    unsafe try withType({ unsafe runtime.api.functions.pointee.SessionGetInputTypeInfo?(session, index, $0) }, body)
  }

  /// Lends the declared type (`OrtTypeInfo`) of an output.
  func withOutputType<Result>(
    _ index: Int, _ body: (OpaquePointer) throws(StageLoadError) -> Result
  ) throws(StageLoadError) -> Result {
    unsafe try withType({ unsafe runtime.api.functions.pointee.SessionGetOutputTypeInfo?(session, index, $0) }, body)
  }

  private func withType<Result>(
    _ get: (UnsafeMutablePointer<OpaquePointer?>) -> OpaquePointer?,
    _ body: (OpaquePointer) throws(StageLoadError) -> Result
  ) throws(StageLoadError) -> Result {
    let type: OpaquePointer
    do throws(OnnxError) { unsafe type = try runtime.api.make(get) } catch { throw .loadFailed(error.message) }
    defer { unsafe runtime.api.functions.pointee.ReleaseTypeInfo?(type) }
    return unsafe try body(type)
  }

  private static func settings(_ options: OnnxOptions, _ api: OnnxAPI) throws(OnnxError) -> OpaquePointer {
    let settings = unsafe try api.make { unsafe api.functions.pointee.CreateSessionOptions?($0) }
    do throws(OnnxError) {
      let functions = unsafe api.functions.pointee
      unsafe try api.check(functions.SetIntraOpNumThreads?(settings, Int32(clamping: options.intraOpThreads)))
      unsafe try api.check(functions.SetInterOpNumThreads?(settings, Int32(clamping: options.interOpThreads)))
      let mode = options.interOpThreads > 1 ? ORT_PARALLEL : ORT_SEQUENTIAL
      unsafe try api.check(functions.SetSessionExecutionMode?(settings, mode))
      unsafe try api.check(functions.AddSessionConfigEntry?(settings, "session.intra_op.allow_spinning", "0"))
      unsafe try api.check(functions.AddSessionConfigEntry?(settings, "session.inter_op.allow_spinning", "0"))
      unsafe try api.check(functions.DisableMemPattern?(settings))
      // A failed run is reported by its caller; the library would also print it, once for every half of a batch that is
      // tried.
      unsafe try api.check(functions.SetSessionLogSeverityLevel?(settings, Int32(ORT_LOGGING_LEVEL_FATAL.rawValue)))
    } catch {
      unsafe api.functions.pointee.ReleaseSessionOptions?(settings)
      throw error
    }
    return unsafe settings
  }
}
