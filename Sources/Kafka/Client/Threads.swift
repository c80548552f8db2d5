import Foundation
import Synchronization

/// Runs `body` for every item at the same time, each on a thread of its own, and returns the results in order. For
/// blocking calls, which must not hold up Swift's shared threads.
func inParallel<Item: Sendable, Value: Sendable>(
  _ items: [Item], _ body: @escaping @Sendable (Item) -> Value
) -> [Value] {
  let shared = SharedResults<Value>()
  let group = DispatchGroup()
  for (index, item) in items.enumerated() {
    group.enter()
    let thread = Thread {
      let value = body(item)
      shared.store(value, at: index)
      group.leave()
    }
    thread.name = "understudy-init"
    thread.start()
  }
  group.wait()
  return shared.ordered(count: items.count)
}

private final class SharedResults<Value: Sendable>: Sendable {
  private let values = Mutex<[Int: Value]>([:])
  func store(_ value: Value, at index: Int) { values.withLock { $0[index] = value } }
  func ordered(count: Int) -> [Value] { values.withLock { values in (0..<count).compactMap { values[$0] } } }
}
