import Domain
import Logging
import Serving
import Synchronization
import Wire

/// The control path at work: reads commands, drives the state machine, does what it asks for, and publishes routing.
///
/// One thread of its own takes every input in turn, so that the state machine needs no lock. Work on releases happens on
/// threads of its own, one for new releases, one for what somebody waits for and one that watches what is live; a
/// rollback to a warm release needs none of them.
package final class DeploymentController: LaneObserver, Sendable {
  /// What the controller needs from others.
  package struct Dependencies: Sendable {
    package var repository: any StateRepository
    package var releases: any ReleaseRepository
    package var loader: any StageLoader
    package var gate: ValidityGate
    package var probe: any ReleaseProbe
    package var table: RoutingTable
    package var lanes: any LaneGroup
    package var logger: Logger
    /// Told of every move that was recorded, on the controller's thread; must return at once.
    package var observe: (@Sendable (StateChange) -> Void)?

    /// Dependencies.
    package init(
      repository: any StateRepository, releases: any ReleaseRepository, loader: any StageLoader, gate: ValidityGate,
      probe: any ReleaseProbe, table: RoutingTable, lanes: any LaneGroup, logger: Logger,
      observe: (@Sendable (StateChange) -> Void)? = nil
    ) {
      self.repository = repository
      self.releases = releases
      self.loader = loader
      self.gate = gate
      self.probe = probe
      self.table = table
      self.lanes = lanes
      self.logger = logger
      self.observe = observe
    }
  }

  /// What others may see of the controller.
  package struct View: Sendable {
    /// What was recorded last.
    package var state: WorkerState
    /// Releases in memory.
    package var loaded: Set<ReleaseIdentity> = []
    /// When each of them was loaded, in milliseconds since 1970.
    package var loadedSince: [ReleaseIdentity: Int64] = [:]
    /// Whether the control topic was read to its end and what was recorded as live is in memory.
    package var isRestored = false
    /// Records that wait, by `<topic>-<partition>`.
    package var lag: [Int: [String: Int64]] = [:]
    /// Grows with every change of the state.
    package var revision: UInt64 = 0

    mutating func noteLoaded() {
      guard Set(loadedSince.keys) != loaded else { return }
      loadedSince = loadedSince.filter { loaded.contains($0.key) }
      for identity in loaded where loadedSince[identity] == nil { loadedSince[identity] = WallClock.milliseconds }
    }
  }

  /// What the configuration says.
  package let settings: DeploymentMachine.Settings
  let dependencies: Dependencies
  let mailbox = Mailbox<Message>()
  private let view: Mutex<View>
  private let changed = Signal()
  private let restored = Signal()
  private let lastTurn = Mutex(ContinuousClock.now)
  private let stopping = Signal()
  private let isStopAsked = Atomic<Bool>(false)

  enum Message: Sendable {
    case record(TopicRecord)
    case backlogEnded
    case worked(ReleaseWorker.Result)
    case laneTook(Int, UInt64, [String: Int64])
    case stop
  }

  /// A controller that goes on from the recorded state.
  package init(settings: DeploymentMachine.Settings, dependencies: Dependencies) throws(StateError) {
    self.settings = settings
    self.dependencies = dependencies
    view = Mutex(View(state: try dependencies.repository.load()))
  }

  /// The control offset to read from.
  package var nextControlOffset: Int64 { current.state.controlOffset }

  /// What can be seen now.
  package var current: View { view.withLock { $0 } }

  /// How long ago the controller's thread has taken its last turn; it takes one a second.
  package var sinceLastTurn: Duration { lastTurn.withLock { $0.duration(to: .now) } }

  /// Waits until something has changed, or the time is over.
  package func waitForChange(atMost limit: Duration) { changed.wait(atMost: limit) }

  /// Ends a wait for a change.
  package func endWait() { changed.signal() }

  /// Waits until it may be time to serve, or the time is over.
  package func waitForServable(atMost limit: Duration) { restored.wait(atMost: limit) }

  /// A record of the control topic, in order. Waits when the controller is behind.
  package func receive(_ record: TopicRecord) { mailbox.postWhenRoom(.record(record)) }

  /// The control topic was read to its end for the first time.
  package func backlogEnded() { mailbox.post(.backlogEnded) }

  /// Ends `run`.
  package func stop() {
    noteStopping()
    mailbox.post(.stop)
  }

  /// The worker is about to end: nothing is waited for that may take long. `run` itself goes on until `stop`, unless the
  /// state has no room.
  package func noteStopping() {
    isStopAsked.store(true, ordering: .releasing)
    stopping.signal()
  }

  var isStopping: Bool { isStopAsked.load(ordering: .acquiring) }

  /// Lets a second pass on the controller's thread, which is a turn all the same.
  func waitForRoom() {
    lastTurn.withLock { $0 = .now }
    stopping.wait(atMost: .seconds(1))
  }

  package func lane(_ number: Int, tookSnapshot serial: UInt64, positions: [String: Int64]) {
    mailbox.post(.laneTook(number, serial, positions))
  }

  package func lane(_ number: Int, lag: [String: Int64]) {
    view.withLock { $0.lag[number] = lag.isEmpty ? nil : lag }
  }

  /// Works until `stop`. Blocks: call on a thread of its own.
  /// - Throws: `StateError` if the state cannot be written; nothing is done then that is not recorded.
  package func run() throws(StateError) {
    defer { mailbox.close() }
    let loop = ControlLoop(self, state: current.state)
    do throws(StateError) {
      try work(loop)
      try loop.end()
    } catch {
      // What could not be recorded is begun anew by the next process.
      guard isStopping, case .full = error else { throw error }
      dependencies.logger.warning("stopped while the state has no room", metadata: ["error": "\(error)"])
      if !loop.isToEnd { awaitStop() }
    }
  }

  /// Passes over what is left, until its turn to end has come.
  private func awaitStop() {
    while true {
      if case .stop? = mailbox.next(atMost: .seconds(1)) { return }
    }
  }

  private func work(_ loop: ControlLoop) throws(StateError) {
    dependencies.releases.sweep(keeping: current.state.models.values.flatMap(\.releases))
    if current.state.consumePause != nil { dependencies.lanes.setPaused(true) }
    try loop.start()
    while !loop.isToEnd {
      lastTurn.withLock { $0 = .now }
      try loop.take(mailbox.next(atMost: .seconds(1)))
    }
  }

  func publish(_ change: (inout View) -> Void) {
    view.withLock {
      change(&$0)
      $0.noteLoaded()
      $0.revision += 1
    }
    changed.signal()
    restored.signal()
  }
}

/// The lanes as the control path sees them.
///
/// Contract: may be called from any thread and returns at once.
package protocol LaneGroup: AnyObject, Sendable {
  /// Ends the polls of idle lanes, so that they take new routing at once.
  func wake()
  /// Stops consuming, or begins again.
  func setPaused(_ isPaused: Bool)
  /// Numbers of the lanes that take routing; none before serving has begun.
  var running: Set<Int> { get }
}
