import Foundation
import ServiceLifecycle

/// A part of the worker that blocks: runs on a thread of its own, ends when it is told to.
struct ThreadService: Service {
  let name: String
  let body: @Sendable () throws -> Void
  let stop: @Sendable () -> Void

  func run() async throws {
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await onThread(name, body)
      } onGracefulShutdown: {
        stop()
      }
    } onCancel: {
      stop()
    }
  }
}

/// Runs blocking work on a thread of its own and awaits its end.
func onThread<Value: Sendable>(_ name: String, _ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    let thread = Thread { continuation.resume(with: Result(catching: body)) }
    thread.name = "understudy-\(name)"
    thread.stackSize = 8 << 20
    thread.start()
  }
}
