import Domain
import Foundation
import Synchronization
import UnixSignals

/// Ctrl-C while somebody waits: the wait ends with a word on what it waited for, instead of the process without one.
final class Interruption: Sendable {
  private let raised = Atomic(false)
  private let (armed, arming) = AsyncStream.makeStream(of: Void.self)
  private let trapped = Signal()
  private let isWaiting = Atomic(false)

  /// Whether SIGINT or SIGTERM came since it was armed.
  var isRaised: Bool { raised.load(ordering: .relaxed) }

  /// From now on a signal is caught. Before, nothing was sent that one should know of, and a signal ends the process.
  /// Blocks until it is so.
  func arm() {
    arming.yield()
    trapped.wait(atMost: .seconds(5))
  }

  /// Waits for rows that may never come: a signal ends the process, since nothing is half done.
  func whileWaiting<Value>(_ body: () throws -> Value) rethrows -> Value {
    isWaiting.store(true, ordering: .sequentiallyConsistent)
    defer { isWaiting.store(false, ordering: .sequentiallyConsistent) }
    endIfWaiting()
    return try body()
  }

  private func endIfWaiting() {
    guard isWaiting.load(ordering: .sequentiallyConsistent), raised.load(ordering: .sequentiallyConsistent) else {
      return
    }
    Terminal.endProgress()
    Terminal.complain("interrupted while it waited for rows: the same command goes on behind the last answer")
    _exit(130)
  }

  /// Runs a body during which it may be armed.
  func watch<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { [self] in
        for await _ in armed { break }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        trapped.signal()
        for await _ in signals {
          raised.store(true, ordering: .sequentiallyConsistent)
          endIfWaiting()
        }
        return nil
      }
      group.addTask { try await body() }
      while let value = try await group.next() {
        guard let value else { continue }
        group.cancelAll()
        return value
      }
      throw CancellationError()
    }
  }
}
