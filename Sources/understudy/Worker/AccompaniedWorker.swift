import Synchronization

/// A worker in this process, and what runs beside it on threads of its own: loads, readers.
struct AccompaniedWorker: Sendable {
  /// A part that blocks until it is told to stop.
  struct Part: Sendable {
    let name: String
    let run: @Sendable () throws -> Void
    let stop: @Sendable () -> Void
  }

  let worker: Worker
  let parts: [Part]

  /// Runs worker and parts side by side until the acts are over, and then ends all of them.
  /// - Throws: what any of them throws; also when the worker ends before the acts.
  func play<Outcome: Sendable>(_ acts: @escaping @Sendable () async throws -> Outcome) async throws -> Outcome {
    let curtain = Curtain()
    return try await withThrowingTaskGroup(of: Outcome?.self) { group in
      group.addTask {
        try await worker.run()
        guard curtain.hasFallen.load(ordering: .acquiring) else {
          throw CommandFailure.failed("the worker was ended before the run was over")
        }
        return nil
      }
      for part in parts {
        group.addTask {
          try await onThread(part.name, part.run)
          return nil
        }
      }
      group.addTask {
        let outcome = await Result { try await acts() }
        curtain.hasFallen.store(true, ordering: .releasing)
        for part in parts { part.stop() }
        await worker.stop()
        return try outcome.get()
      }
      var outcome: Outcome?
      while let result = try await group.next() { outcome = result ?? outcome }
      guard let outcome else { throw CommandFailure.failed("the run ended before its last act") }
      return outcome
    }
  }

  /// Whether the acts are over.
  private final class Curtain: Sendable {
    let hasFallen = Atomic<Bool>(false)
  }
}

extension Result where Failure == any Error {
  /// What an asynchronous body came to.
  init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
