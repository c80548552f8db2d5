import Foundation
import Testing

/// Runs tests that block on threads of their own, some at a time: they wait for brokers and processes far more than
/// they compute, and Swift's shared threads are as few as there are cores.
struct OwnThreads: SuiteTrait, TestTrait, TestScoping {
  let isRecursive = true

  func provideScope(
    for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(BlockingExecutor.shared) { try await body() }
  }
}

extension Trait where Self == OwnThreads {
  /// For tests that block.
  static var ownThreads: Self { OwnThreads() }
}

private final class BlockingExecutor: TaskExecutor {
  static let shared = BlockingExecutor()

  /// Tests at a time: more would have workers wait for a processor rather than for each other.
  private static let width = 4

  private let queue: OperationQueue = {
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = width
    return queue
  }()

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.addOperation { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
