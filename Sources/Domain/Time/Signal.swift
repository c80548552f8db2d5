/// Something has happened: wakes whoever waits, remembers it if nobody does.
package final class Signal: @unchecked Sendable {
  private let condition = WaitCondition()
  private var isSet = false

  /// A signal that is not set.
  package init() {}

  /// Sets it.
  package func signal() {
    condition.withLock {
      isSet = true
      condition.broadcast()
    }
  }

  /// Waits until it is set, and clears it, or until the time is over.
  /// - Returns: whether it was set.
  @discardableResult
  package func wait(atMost limit: Duration) -> Bool {
    condition.withLock {
      defer { isSet = false }
      return condition.wait(atMost: limit) { isSet }
    }
  }
}
