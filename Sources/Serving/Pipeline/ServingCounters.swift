import Domain
import Synchronization

/// What a worker has answered since it started. Lanes add once a batch.
package final class ServingCounters: Sendable {
  private let values = Mutex(Values())

  /// Counts of records, not of rows. Those of contexts alone can be `fallback` and what comes after it.
  package struct Values: Sendable, Equatable {
    package var requests: Int64 = 0
    package var ok: Int64 = 0
    package var partial: Int64 = 0
    package var error: Int64 = 0
    package var fallback: Int64 = 0
    package var abstained: Int64 = 0
    package var prompt: Int64 = 0
    package var held: Int64 = 0
    package var deadLetters: Int64 = 0

    /// Responses of a status.
    func count(of status: ResponseStatus) -> Int64 {
      switch status {
      case .ok: ok
      case .partial: partial
      case .error: error
      case .fallback: fallback
      case .abstained: abstained
      case .prompt: prompt
      case .held: held
      }
    }

    /// Adds another's counts.
    mutating func add(_ other: Values) {
      requests += other.requests
      ok += other.ok
      partial += other.partial
      error += other.error
      fallback += other.fallback
      abstained += other.abstained
      prompt += other.prompt
      held += other.held
      deadLetters += other.deadLetters
    }

    /// Counts a response.
    mutating func count(_ status: ResponseStatus) {
      switch status {
      case .ok: ok += 1
      case .partial: partial += 1
      case .error: error += 1
      case .fallback: fallback += 1
      case .abstained: abstained += 1
      case .prompt: prompt += 1
      case .held: held += 1
      }
    }
  }

  /// Counters at zero.
  package init() {}

  /// Adds a batch's counts.
  func add(_ batch: Values) { values.withLock { $0.add(batch) } }

  /// The counts now.
  package var snapshot: Values { values.withLock { $0 } }
}
