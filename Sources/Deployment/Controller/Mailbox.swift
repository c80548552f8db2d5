import Domain

/// Messages from several threads to one, in the order of arrival.
final class Mailbox<Message: Sendable>: @unchecked Sendable {
  private let condition = WaitCondition()
  private var messages: [Message] = []
  private var first = 0
  private var isClosed = false

  /// Messages that may wait; a sender that may wait does so when there are more.
  static var capacity: Int { 1000 }

  private var count: Int { messages.count - first }

  /// Whether a message waits.
  var hasMore: Bool { condition.withLock { count > 0 } }

  /// Adds a message at once.
  func post(_ message: Message) {
    condition.withLock {
      messages.append(message)
      condition.broadcast()
    }
  }

  /// Nobody reads any more: nobody waits for room either.
  func close() {
    condition.withLock {
      isClosed = true
      condition.broadcast()
    }
  }

  /// Adds a message when there is room.
  func postWhenRoom(_ message: Message) {
    condition.withLock {
      while !condition.wait(atMost: .seconds(1), until: { count < Self.capacity || isClosed }) {}
      messages.append(message)
      condition.broadcast()
    }
  }

  /// The oldest message, waiting at most so long.
  func next(atMost limit: Duration) -> Message? {
    condition.withLock {
      guard condition.wait(atMost: limit, until: { count > 0 }) else { return nil }
      let message = messages[first]
      first += 1
      if first == messages.count || first > 512 {
        messages.removeFirst(first)
        first = 0
        condition.broadcast()
      }
      return message
    }
  }
}
