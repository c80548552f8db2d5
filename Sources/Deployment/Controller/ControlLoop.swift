import Domain
import Foundation
import Logging
import Serving
import Wire

/// What only the controller's thread touches: the machine, the releases in memory, the switches under way.
final class ControlLoop {
  private let controller: DeploymentController
  private let dependencies: DeploymentController.Dependencies
  private let worker: ReleaseWorker
  private var machine: DeploymentMachine
  private var releases: [ReleaseIdentity: LoadedRelease] = [:]
  /// Releases that are routed no more, each with the serial number of the routing that was the first without it. Who lets
  /// go of a release last frees it, which takes long, and must not be a lane.
  private var leaving: [(release: LoadedRelease, serial: UInt64)] = []
  /// Work that has a thread, and what ends it early.
  private var running: [(work: Work, giveUp: GiveUp)] = []
  private var switches: [Switch] = []
  /// The newest snapshot that each lane has taken, and from where on.
  private var taken: [Int: (serial: UInt64, positions: [String: Int64])] = [:]
  private var unrecorded = UnrecordedMoves()
  private var lastTick = ContinuousClock.now
  /// Whether the message that ends the work was taken.
  private(set) var isToEnd = false
  /// Empty, unless a test wants a leak to be found.
  private var leaked: [LoadedRelease] = []
  /// Ticks at which memory of releases that are gone is still to be given back.
  private var memoryReturns = 0

  /// An activation whose routing is published and not yet taken by every lane.
  private struct Switch {
    var model: String
    var generation: Int
    var serial: UInt64
    var published: ContinuousClock.Instant
  }

  /// Lanes that do not take routing for so long, because they recover from a fault, do not hold up the news.
  private static let switchDeadline = Duration.seconds(30)

  init(_ controller: DeploymentController, state: WorkerState) {
    self.controller = controller
    dependencies = controller.dependencies
    worker = ReleaseWorker(
      releases: dependencies.releases, loader: dependencies.loader, gate: dependencies.gate, probe: dependencies.probe,
      logger: dependencies.logger)
    machine = DeploymentMachine(
      settings: controller.settings, state: state, makeID: { UUID().uuidString.lowercased() })
  }

  func start() throws(StateError) {
    try startWork()
    publishRouting()
  }

  /// The worker ends in an orderly way: what is under way will be begun again, and does not count as an attempt.
  func end() throws(StateError) {
    try recordMoves()
    for (work, giveUp) in running where work.kind.isRecordedFirst {
      giveUp.now()
      try record(.workAbandoned(work))
    }
  }

  func take(_ message: DeploymentController.Message?) throws(StateError) {
    switch message {
    case .record(let record): try read(record)
    case .backlogEnded:
      dependencies.logger.info("control topic read", metadata: ["offset": "\(machine.state.controlOffset)"])
      try apply(.backlogEnded)
    case .worked(let result): try finish(result)
    case .laneTook(let lane, let serial, let positions):
      taken[lane] = (serial, positions)
      freeLeaving()
    case .stop:
      isToEnd = true
      return
    case nil: break
    }
    if lastTick.duration(to: .now) >= .seconds(1) {
      lastTick = .now
      try apply(.tick)
      freeLeaving()
      returnMemory()
    }
    try confirmSwitches()
  }

  private func reachFailPoint(after work: Work) {
    switch work.kind {
    case .fetch: FailPoint.fetched.reach()
    case .verify: FailPoint.verified.reach()
    case .probe: FailPoint.probed.reach()
    case .load: FailPoint.loaded.reach()
    case .gate: FailPoint.gated.reach()
    }
  }

  // MARK: Commands

  private func read(_ record: TopicRecord) throws(StateError) {
    guard record.offset >= machine.state.controlOffset else { return }
    let envelope: CommandEnvelope
    do throws(Refusal) {
      envelope = try decode(record)
    } catch {
      dependencies.logger.warning("command refused", metadata: ["offset": "\(record.offset)", "reason": "\(error)"])
      return try apply(.refusedCommand(try repetition(of: error.commandID) ?? error, offset: record.offset))
    }
    if let refusal = try repetition(of: envelope.id) {
      return try apply(.refusedCommand(refusal, offset: record.offset))
    }
    dependencies.logger.info(
      "command",
      metadata: [
        "id": "\(envelope.id)", "kind": "\(envelope.command.kind.rawValue)",
        "model": "\(envelope.command.model ?? "-")",
      ])
    try apply(.command(envelope, offset: record.offset, recordTime: record.timestamp))
  }

  /// The refusal of a command that was read before. Of one that cannot be read as well: it must not end the first.
  private func repetition(of id: String?) throws(StateError) -> Refusal? {
    guard let id else { return nil }
    let isKnown = unrecorded.hasCommand(id) ? true : try dependencies.repository.hasCommand(id)
    return isKnown
      ? Refusal(.duplicate, "command \(id) was read before; a repeat changes nothing", commandID: id) : nil
  }

  private func decode(_ record: TopicRecord) throws(Refusal) -> CommandEnvelope {
    if (record.value?.count ?? 0) > Limits.commandBytes {
      throw Refusal(
        .tooLarge, "the command has \(record.value?.count ?? 0) bytes; at most \(Limits.commandBytes) are read")
    }
    return try CommandCodec.decode(record)
  }

  // MARK: Transitions

  private func apply(_ input: DeploymentInput) throws(StateError) {
    decide(input)
    // Nothing is done for what the backlog tells before all of it is read; so it is recorded many at a time.
    let isOfBacklog = machine.isReadingBacklog && input.isOfControlTopic
    if isOfBacklog, unrecorded.count < Limits.commandsRecordedTogether, controller.mailbox.hasMore { return }
    try recordMoves()
    try startWork()
    let isRestored =
      !machine.isReadingBacklog
      && machine.state.models.values.allSatisfy { ledger in
        ledger.live.flatMap { ledger.release($0.version) }.map { machine.loaded.contains($0.identity) } ?? true
      }
    controller.publish {
      $0.state = machine.state
      $0.loaded = machine.loaded
      $0.isRestored = isRestored
    }
  }

  private func decide(_ input: DeploymentInput) {
    let before = machine.state
    unrecorded.append(machine.apply(input, at: WallClock.milliseconds), from: before)
  }

  /// Makes a move durable, and then does what it asks for.
  private func record(_ input: DeploymentInput) throws(StateError) {
    decide(input)
    try recordMoves()
  }

  /// Makes durable what is decided, and then does what it asks for.
  private func recordMoves() throws(StateError) {
    let moves = unrecorded
    guard let before = moves.before else { return }
    unrecorded = UnrecordedMoves()
    if moves.haveEffect {
      try commit(moves.change, from: before)
      dependencies.observe?(moves.change)
      if moves.haveAccepted { FailPoint.accepted.reach() }
      if hasNewActivation(before, machine.state) { FailPoint.activated.reach() }
    }
    carryOut(moves.actions)
  }

  /// A disk without room ends nothing that runs: what is live serves on, and nothing new is decided until there is room.
  private func commit(_ change: StateChange, from before: WorkerState) throws(StateError) {
    var isLate = false
    while true {
      do throws(StateError) {
        try dependencies.repository.commit(change, from: before)
        if isLate { dependencies.logger.notice("the state has room again") }
        return
      } catch {
        guard case .full = error, !controller.isStopping else { throw error }
        if !isLate {
          dependencies.logger.error(
            "serving goes on, and nothing new is decided until the state has room", metadata: ["error": "\(error)"])
        }
        isLate = true
        controller.waitForRoom()
      }
    }
  }

  private func hasNewActivation(_ old: WorkerState, _ new: WorkerState) -> Bool {
    new.models.contains { $1.generation != old.models[$0]?.generation ?? 0 }
  }

  private func carryOut(_ actions: [Transition.Action]) {
    var unloaded: [LoadedRelease] = []
    for action in actions {
      switch action {
      case .publishRouting: break
      case .unload(let identity):
        guard let release = releases.removeValue(forKey: identity) else { continue }
        if FailPoint.leak.isAskedFor { leaked.append(release) }
        unloaded.append(release)
      case .removeFiles(let record):
        FailPoint.retired.reach()
        dependencies.releases.remove(record)
        FailPoint.removed.reach()
      case .setConsumptionPaused(let isPaused): dependencies.lanes.setPaused(isPaused)
      }
    }
    if actions.contains(.publishRouting) || !unloaded.isEmpty { publishRouting() }
    leaving += unloaded.map { ($0, dependencies.table.newestSerial) }
    unloaded = []
    freeLeaving()
  }

  /// Frees what every lane has let go of.
  private func freeLeaving() {
    guard !leaving.isEmpty else { return }
    let lanes = dependencies.lanes.running
    let oldest = lanes.map { taken[$0]?.serial ?? 0 }.min() ?? .max
    let count = leaving.count
    leaving.removeAll { $0.serial <= oldest }
    if leaving.count < count { memoryReturns = 3 }
  }

  // MARK: Work

  private func finish(_ result: ReleaseWorker.Result) throws(StateError) {
    let work = result.work
    running.removeAll { $0.work.release.identity == work.release.identity && $0.work.kind == work.kind }
    if result.isGivenUp { return try apply(.workAbandoned(work)) }
    if let refusal = result.refusal {
      dependencies.logger.warning(
        "release failed",
        metadata: ["release": "\(work.release.identity)", "step": "\(work.kind.rawValue)", "reason": "\(refusal)"])
      return try apply(.workFailed(work, refusal, report: result.report))
    }
    if let loaded = result.loaded { releases[loaded.identity] = loaded }
    reachFailPoint(after: work)
    try apply(.workDone(work, timings: result.timings, report: result.report))
  }

  /// Starts what is wanted most: for each model one piece of work for each hand, so that models do not wait for each
  /// other.
  private func startWork() throws(StateError) {
    giveUpUnwanted()
    while let work = machine.pendingWork().first(where: { $0.hasHand(beside: running.map(\.work)) }) {
      let context = context(of: work)
      running.append((work, context.giveUp))
      if work.kind.isRecordedFirst {
        try record(.workBegun(work))
        if work.kind == .probe { FailPoint.begun.reach() }
        guard machine.isDue(work) else {
          running.removeAll { $0.work == work }
          continue
        }
      }
      let mailbox = controller.mailbox
      worker.start(work, context) { mailbox.post(.worked($0)) }
    }
  }

  /// A probe can take minutes, and a hanging one takes all of them; so does a fetch from a slow source that nobody waits
  /// for. It ends when its release is out or was announced anew, or when a release of the model that is wanted more waits
  /// for its place.
  private func giveUpUnwanted() {
    let pending = machine.pendingWork()
    for (work, giveUp) in running where work.kind == .probe || work.kind == .fetch && work.hand == .background {
      let first = pending.first { $0.hand == work.hand && $0.release.identity.model == work.release.identity.model }
      let isWanted =
        first?.release.identity == work.release.identity && first?.release.sequence == work.release.sequence
      if !isWanted { giveUp.now() }
    }
  }

  private func context(of work: Work) -> ReleaseWorker.Context {
    let ledger = machine.state.models[work.release.identity.model]
    let live = ledger?.live.flatMap { ledger?.release($0.version) }
    return ReleaseWorker.Context(
      loaded: work.kind == .gate ? releases[work.release.identity] : nil,
      liveStored: live.flatMap { releases[$0.identity] }?.stored)
  }

  /// Some ticks after a release was freed its memory goes back to the system.
  private func returnMemory() {
    guard memoryReturns > 0 else { return }
    memoryReturns -= 1
    dependencies.loader.returnMemory()
  }

  // MARK: Routing

  private func publishRouting() {
    var models: [String: ModelRoute] = [:]
    for (model, ledger) in machine.state.models {
      let loaded = ledger.releases.filter { $0.step.isLoaded && !$0.wasRolledBack }.compactMap { releases[$0.identity] }
      models[model] = ModelRoute(
        live: ledger.live.flatMap { ledger.release($0.version) }.flatMap { releases[$0.identity] },
        previous: ledger.wayBack.flatMap(ledger.release).flatMap { $0.step.isLoaded ? releases[$0.identity] : nil },
        generation: ledger.generation,
        pinnable: Dictionary(loaded.map { ($0.identity.version, $0) }, uniquingKeysWith: { first, _ in first }))
    }
    let serial = dependencies.table.publish(models)
    for (model, ledger) in machine.state.models {
      guard let live = ledger.live, !live.isConfirmed, models[model]?.live != nil else { continue }
      if switches.contains(where: { $0.model == model && $0.generation == live.generation }) { continue }
      switches.append(Switch(model: model, generation: live.generation, serial: serial, published: .now))
    }
    dependencies.lanes.wake()
  }

  /// Tells of activations that every lane has taken.
  private func confirmSwitches() throws(StateError) {
    let lanes = dependencies.lanes.running
    while let position = switches.firstIndex(where: { isTaken($0, by: lanes) }) {
      let done = switches.remove(at: position)
      var offsets: [String: Int64] = [:]
      for lane in lanes { offsets.merge(taken[lane]?.positions ?? [:]) { $1 } }
      FailPoint.switched.reach()
      let milliseconds = done.published.duration(to: .now).milliseconds
      try apply(
        .switched(model: done.model, generation: done.generation, firstOffsets: offsets, milliseconds: milliseconds))
      dependencies.logger.notice(
        "live",
        metadata: [
          "model": "\(done.model)", "generation": "\(done.generation)",
          "version": "\(machine.state.models[done.model]?.live?.version ?? "-")",
        ])
    }
  }

  private func isTaken(_ pending: Switch, by lanes: Set<Int>) -> Bool {
    pending.published.duration(to: .now) > Self.switchDeadline
      || lanes.allSatisfy { (taken[$0]?.serial ?? 0) >= pending.serial }
  }
}

extension DeploymentInput {
  /// Whether it is a record of the control topic.
  fileprivate var isOfControlTopic: Bool {
    switch self {
    case .command, .refusedCommand: true
    default: false
    }
  }
}

extension Duration {
  /// Milliseconds with their fraction.
  package var milliseconds: Double {
    Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
  }
}
