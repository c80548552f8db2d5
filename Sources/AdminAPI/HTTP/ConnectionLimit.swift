import CoreMetrics
import HummingbirdCore

/// Accepts no more connections than there is room for; the others wait in the system's queue. Counts how often the last
/// place was taken.
struct ConnectionLimit: AvailableConnectionsDelegate {
  private let limit: Int
  private let reached: Counter
  private var count = 0

  init(_ limit: Int, reached: Counter) {
    self.limit = limit
    self.reached = reached
  }

  mutating func connectionOpened() {
    count += 1
    if count == limit { reached.increment() }
  }

  mutating func connectionClosed() { count -= 1 }

  func isAcceptingNewConnections() -> Bool { count < limit }
}
