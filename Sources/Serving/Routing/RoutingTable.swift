import Domain
import Synchronization

/// Where the newest routing snapshot is published and the lanes take it from.
///
/// Publishing stores one value; a lane looks at a counter and takes the value only when it has changed, at a
/// transaction boundary. Whoever publishes keeps the old releases until every lane has told that it has taken what came
/// after them, so that they are freed off the lanes.
package final class RoutingTable: Sendable {
  private let snapshot = Mutex(RoutingSnapshot.empty)
  private let newest = Atomic<UInt64>(0)

  /// A table in which nothing serves.
  package init() {}

  /// Publishes routes under the next serial number.
  /// - Returns: that number.
  @discardableResult
  package func publish(_ models: [String: ModelRoute]) -> UInt64 {
    snapshot.withLock { current in
      current = RoutingSnapshot(serial: current.serial + 1, models: models)
      newest.store(current.serial, ordering: .releasing)
      return current.serial
    }
  }

  /// Serial number of what was published last.
  package var newestSerial: UInt64 { newest.load(ordering: .acquiring) }

  /// What was published last.
  package var current: RoutingSnapshot { snapshot.withLock { $0 } }
}
