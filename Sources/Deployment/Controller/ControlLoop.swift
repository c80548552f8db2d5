import Domain
import Foundation
import Logging
import Serving
import Wire

/// What only the controller's thread touches: the machine, the releases in memory, the switches under way.
final class ControlLoop {
  private let controller: DeploymentController
  private let dependencies: DeploymentController.Dependencies
  private var machine: DeploymentMachine
  private var releases: [ReleaseIdentity: LoadedRelease] = [:]
  /// Work that has a thread.
  private var running: [Work] = []
  private var switches: [Switch] = []
  /// The newest snapshot that each lane has taken, and from where on.
  private var taken: [Int: (serial: UInt64, positions: [String: Int64])] = [:]
  private var lastTick = ContinuousClock.now

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
    machine = DeploymentMachine(
      settings: controller.settings, state: state, makeID: { UUID().uuidString.lowercased() })
  }

  func start() throws(StateError) {
    startWork()
    publishRouting()
  }

  func take(_ message: DeploymentController.Message?) throws(StateError) {
    switch message {
    case .record(let record): try read(record)
    case .backlogEnded:
      dependencies.logger.info("control topic read", metadata: ["offset": "\(machine.state.controlOffset)"])
      try apply(.backlogEnded)
    case .done(let work, let milliseconds, let loaded):
      finished(work)
      if let loaded { releases[loaded.identity] = loaded }
      reachFailPoint(after: work)
      try apply(.workDone(work, milliseconds: milliseconds))
    case .failed(let work, let refusal):
      finished(work)
      dependencies.logger.warning(
        "release refused",
        metadata: ["release": "\(work.release.identity)", "step": "\(work.kind.rawValue)", "reason": "\(refusal)"])
      try apply(.workFailed(work, refusal))
    case .laneTook(let lane, let serial, let positions):
      taken[lane] = (serial, positions)
    case .stop, nil:
      break
    }
    if lastTick.duration(to: .now) >= .seconds(1) {
      lastTick = .now
      try apply(.tick)
    }
    try confirmSwitches()
  }

  private func reachFailPoint(after work: Work) {
    switch work.kind {
    case .fetch: FailPoint.fetched.reach()
    case .verify: FailPoint.verified.reach()
    case .load: FailPoint.loaded.reach()
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
      return try apply(.refusedCommand(error, offset: record.offset))
    }
    if try dependencies.repository.hasCommand(envelope.id) {
      let refusal = Refusal(
        .duplicate, "command \(envelope.id) was read before; a repeat changes nothing", commandID: envelope.id)
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

  private func decode(_ record: TopicRecord) throws(Refusal) -> CommandEnvelope {
    if (record.value?.count ?? 0) > Limits.commandBytes {
      throw Refusal(
        .tooLarge, "the command has \(record.value?.count ?? 0) bytes; at most \(Limits.commandBytes) are read")
    }
    return try CommandCodec.decode(record)
  }

  // MARK: Transitions

  private func apply(_ input: DeploymentInput) throws(StateError) {
    let before = machine.state
    let transition = machine.apply(input, at: WallClock.milliseconds)
    if transition.change != StateChange(state: before) {
      try dependencies.repository.commit(transition.change, from: before)
      dependencies.observe?(transition.change)
      if case .command = input { FailPoint.accepted.reach() }
      if hasNewActivation(before, machine.state) { FailPoint.activated.reach() }
    }
    carryOut(transition.actions)
    startWork()
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

  private func hasNewActivation(_ old: WorkerState, _ new: WorkerState) -> Bool {
    new.models.contains { $1.generation != old.models[$0]?.generation ?? 0 }
  }

  private func carryOut(_ actions: [Transition.Action]) {
    for action in actions {
      switch action {
      case .publishRouting: break
      case .unload(let identity): releases[identity] = nil
      case .removeFiles(let record): dependencies.releases.remove(record)
      case .setConsumptionPaused(let isPaused): dependencies.lanes.setPaused(isPaused)
      }
    }
    if actions.contains(.publishRouting) || actions.contains(where: { if case .unload = $0 { true } else { false } }) {
      publishRouting()
    }
  }

  // MARK: Work

  private func finished(_ work: Work) {
    running.removeAll { $0.release.identity == work.release.identity && $0.kind == work.kind }
  }

  /// Starts what is wanted most, at most one piece of work of each urgency.
  private func startWork() {
    for work in machine.pendingWork() {
      if running.contains(where: { $0.isUrgent == work.isUrgent || $0.release.identity == work.release.identity }) {
        continue
      }
      running.append(work)
      let (releases, loader, mailbox) = (dependencies.releases, dependencies.loader, controller.mailbox)
      let thread = Thread { mailbox.post(Self.perform(work, releases, loader)) }
      thread.name = "understudy-\(work.kind.rawValue)"
      thread.qualityOfService = .utility
      thread.start()
    }
  }

  private static func perform(
    _ work: Work, _ releases: any ReleaseRepository, _ loader: any StageLoader
  ) -> DeploymentController.Message {
    let started = ContinuousClock.now
    do throws(Refusal) {
      var loaded: LoadedRelease?
      switch work.kind {
      case .fetch: try releases.fetch(work.release)
      case .verify: _ = try releases.verify(work.release)
      case .load: loaded = try LoadedRelease(try releases.open(work.release.identity), loader: loader)
      }
      return .done(work, started.duration(to: .now).milliseconds, loaded)
    } catch {
      return .failed(work, error)
    }
  }

  // MARK: Routing

  private func publishRouting() {
    var models: [String: ModelRoute] = [:]
    for (model, ledger) in machine.state.models {
      let loaded = ledger.releases.filter { $0.step.isLoaded && !$0.wasRolledBack }.compactMap { releases[$0.identity] }
      models[model] = ModelRoute(
        live: ledger.live.flatMap { ledger.release($0.version) }.flatMap { releases[$0.identity] },
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

extension Duration {
  /// Milliseconds with their fraction.
  package var milliseconds: Double {
    Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
  }
}
