import Foundation

/// SIGTERM and SIGINT while a worker starts, before it can be ended in an orderly way: nothing has begun then, so it ends
/// at once, and with 0 as later.
enum EarlyEnd {
  /// Holds until others take the signals over.
  static func allow() {
    for number in [SIGTERM, SIGINT] { signal(number) { _ in _exit(0) } }
  }
}
