/// The worker's durable memory.
///
/// Contract: every call blocks until it is on disk and may be made from any thread; a move is one transaction. Two
/// processes never share a repository: opening it locks it.
package protocol StateRepository: AnyObject, Sendable {
  /// What was recorded last.
  func load() throws(StateError) -> WorkerState
  /// Records a move from `previous` to `change.state` with its commands and events, all or nothing.
  func commit(_ change: StateChange, from previous: WorkerState) throws(StateError)
  /// Whether a command's id was read before.
  func hasCommand(_ id: String) throws(StateError) -> Bool
  /// Events that are not yet published, oldest first.
  func pendingEvents(limit: Int) throws(StateError) -> [StoredEvent]
  /// Forgets events that the broker has acknowledged.
  func removeEvents(upTo position: Int64) throws(StateError)
  /// Remembers that this slot has used so many lanes, and returns the highest number ever: the transactional ids of all
  /// of them are initialised at start, so that no transaction of a dead owner stays open.
  func recordLanes(_ count: Int) throws(StateError) -> Int
  /// A value that outlives the process, by name.
  func value(named name: String) throws(StateError) -> String?
  /// Sets such a value.
  func setValue(_ value: String, named name: String) throws(StateError)
}

/// An event with its place in the outbox.
package struct StoredEvent: Sendable, Equatable {
  package var position: Int64
  package var event: Event

  /// An event in the outbox.
  package init(position: Int64, event: Event) {
    self.position = position
    self.event = event
  }
}

extension StateRepository {
  /// Counts one more life: that lanes begin to run.
  /// - Returns: how many there were, this one included.
  package func recordLife() throws(StateError) -> Int {
    let lives = (Int(try value(named: "lives") ?? "") ?? 0) + 1
    try setValue(String(lives), named: "lives")
    return lives
  }
}

/// The durable memory failed.
package enum StateError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Another process has it: exit 75.
  case locked(path: String, owner: String)
  /// Nothing can be written until its disk has room: what serves goes on, and the same is tried again.
  case full(String)
  /// It cannot be read or written: stop, and say what to do.
  case failed(String)

  package var description: String {
    switch self {
    case .locked(let path, let owner):
      "the state \(path) belongs to another process (\(owner)): give this worker its own `slot` and `state`, or stop the other one"
    case .full(let message), .failed(let message): message
    }
  }
}
