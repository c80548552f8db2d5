import Domain
import Synchronization
import UnixSignals

/// Ctrl-C while somebody waits: the wait ends with a word on what it waited for, instead of the process without one.
final class Interruption: Sendable {
  private let raised = Atomic(false)
  private let (armed, arming) = AsyncStream.makeStream(of: Void.self)
  private let trapped = Signal()

  /// Whether SIGINT or SIGTERM came since it was armed.
  var isRaised: Bool { raised.load(ordering: .relaxed) }

  /// From now on a signal is caught. Before, nothing was sent that one should know of, and a signal ends the process.
  /// Blocks until it is so.
  func arm() {
    arming.yield()
    trapped.wait(atMost: .seconds(5))
  }

  /// Runs a body during which it may be armed.
  func watch<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { [self] in
        for await _ in armed { break }
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        trapped.signal()
        for await _ in signals {
          raised.store(true, ordering: .relaxed)
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
