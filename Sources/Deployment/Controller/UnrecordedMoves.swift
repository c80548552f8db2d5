import Domain

/// Moves that are decided and not recorded yet, in order.
///
/// Mostly one. Commands of the backlog are recorded many at a time, since nothing is done for one of them before all are
/// read, and a write to disk for each would take most of a start.
struct UnrecordedMoves {
  /// The state before the first of them; nil if there are none.
  private(set) var before: WorkerState?
  /// All of them as one.
  private(set) var change = StateChange(state: WorkerState())
  /// What is to be done when they are recorded.
  private(set) var actions: [Transition.Action] = []
  /// How many there are.
  private(set) var count = 0
  private var commandIDs: Set<String> = []

  var isEmpty: Bool { count == 0 }

  /// Whether they change anything.
  var haveEffect: Bool { before.map { change != StateChange(state: $0) } ?? false }

  /// Whether one of them has accepted a command.
  var haveAccepted: Bool { change.commands.contains { $0.outcome == .accepted } }

  /// Whether one of them has read a command.
  func hasCommand(_ id: String) -> Bool { commandIDs.contains(id) }

  mutating func append(_ transition: Transition, from state: WorkerState) {
    if before == nil { before = state }
    change.state = transition.change.state
    change.commands += transition.change.commands
    change.events += transition.change.events
    actions += transition.actions
    commandIDs.formUnion(transition.change.commands.map(\.id))
    count += 1
  }
}
