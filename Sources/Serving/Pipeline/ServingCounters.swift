import Domain
import Synchronization

/// What a worker has answered since it started. Lanes add once a batch.
package final class ServingCounters: Sendable {
  private let values = Mutex(Values())

  /// Counts of records, not of rows.
  package struct Values: Sendable, Equatable {
    package var requests: Int64 = 0
    package var ok: Int64 = 0
    package var partial: Int64 = 0
    package var error: Int64 = 0
    package var deadLetters: Int64 = 0

    /// Adds another's counts.
    mutating func add(_ other: Values) {
      requests += other.requests
      ok += other.ok
      partial += other.partial
      error += other.error
      deadLetters += other.deadLetters
    }

    /// Counts a response.
    mutating func count(_ status: ResponseStatus) {
      switch status {
      case .ok: ok += 1
      case .partial: partial += 1
      case .error: error += 1
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
