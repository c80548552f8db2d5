import Foundation

/// Messages from several threads to one, in the order of arrival.
final class Mailbox<Message: Sendable>: @unchecked Sendable {
  private let condition = NSCondition()
  private var messages: [Message] = []
  private var first = 0

  /// Messages that may wait; a sender that may wait does so when there are more.
  static var capacity: Int { 1000 }

  /// Adds a message at once.
  func post(_ message: Message) {
    condition.lock()
    messages.append(message)
    condition.signal()
    condition.unlock()
  }

  /// Adds a message when there is room.
  func postWhenRoom(_ message: Message) {
    condition.lock()
    while messages.count - first >= Self.capacity { _ = condition.wait(until: Date(timeIntervalSinceNow: 0.1)) }
    messages.append(message)
    condition.broadcast()
    condition.unlock()
  }

  /// The oldest message, waiting at most so long.
  func next(timeout: TimeInterval) -> Message? {
    let deadline = Date(timeIntervalSinceNow: timeout)
    condition.lock()
    defer { condition.unlock() }
    while first == messages.count {
      if !condition.wait(until: deadline) { break }
    }
    guard first < messages.count else { return nil }
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
