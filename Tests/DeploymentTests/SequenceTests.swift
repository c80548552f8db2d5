import Deployment
import Domain
import Foundation
import StateStore
import TestSupport
import Testing
import Wire

/// Random sequences of inputs. A failure prints its seed; `UNDERSTUDY_SEED` runs it again.
@Suite struct SequenceTests {
  private static var seeds: [UInt64] {
    if let text = ProcessInfo.processInfo.environment["UNDERSTUDY_SEED"], let seed = UInt64(text) { return [seed] }
    return (0..<300).map { _ in UInt64.random(in: 0...UInt64.max) }
  }

  @Test func `whatever comes in which order, every command ends once and what is live is in memory`() {
    for seed in Self.seeds {
      var random = SeededGenerator(seed: seed)
      var scenario = Scenario(
        retain: Int.random(in: 1...4, using: &random), warm: Int.random(in: 1...3, using: &random),
        isReadingBacklog: Bool.random(using: &random))
      var watch = Invariants(seed: seed)
      for _ in 0..<60 {
        let isBacklog = scenario.machine.isReadingBacklog
        Self.step(&scenario, &random)
        watch.check(scenario, mayMissMemory: isBacklog)
      }
      if scenario.machine.isReadingBacklog { scenario.apply(.backlogEnded) }
      scenario.drain(waits: true)
      watch.checkDrained(scenario)
      if watch.hasFailed { return }
    }
  }

  @Test func `P6: a restart at any point ends in the same routing and the same releases`() {
    for seed in Self.seeds {
      var random = SeededGenerator(seed: seed)
      var scenario = Scenario(
        retain: Int.random(in: 1...4, using: &random), warm: Int.random(in: 1...3, using: &random))
      for _ in 0..<Int.random(in: 1...60, using: &random) {
        Self.step(&scenario, &random, hasChangingReleases: false)
      }
      var restarted = scenario
      restarted.restart()
      if Bool.random(using: &random) { restarted.work() }
      restarted.apply(.backlogEnded)
      scenario.drain(waits: true)
      restarted.drain(waits: true)
      Invariants(seed: seed).checkDrained(restarted)
      #expect(restarted.live == scenario.live, "seed \(seed)")
      #expect(restarted.machine.loaded == scenario.machine.loaded, "seed \(seed)")
      #expect(restarted.ledger.hold == scenario.ledger.hold, "seed \(seed)")
      guard restarted.live == scenario.live, restarted.machine.loaded == scenario.machine.loaded else { return }
    }
  }

  @Test func `workers agree: reading the log at once ends in the same live release as having followed it`() {
    for seed in Self.seeds {
      var random = SeededGenerator(seed: seed)
      var follower = Scenario(retain: 100)
      var reader = Scenario(retain: 100, isReadingBacklog: true)
      for _ in 0..<Int.random(in: 1...25, using: &random) {
        let before = random
        Self.command(&follower, &random, isForAgreement: true)
        follower.drain()
        var again = before
        Self.command(&reader, &again, isForAgreement: true)
      }
      reader.apply(.backlogEnded)
      reader.drain()
      Invariants(seed: seed).checkDrained(reader)
      #expect(reader.live == follower.live, "seed \(seed)")
      #expect((reader.ledger.hold == nil) == (follower.ledger.hold == nil), "seed \(seed)")
      guard reader.live == follower.live else { return }
    }
  }

  @Test func `P6: what is on disk is the machine's state, move by move`() throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("understudy-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    let repository = try SQLiteStateRepository(
      try StateDirectory(path: directory.path, owner: "test"), reports: GateReportCodec())
    let seed = Self.seeds[0]
    var random = SeededGenerator(seed: seed)
    var scenario = Scenario(retain: 3, isReadingBacklog: true)
    scenario.record = { change, before in
      do { try repository.commit(change, from: before) } catch { Issue.record("seed \(seed): \(error)") }
    }
    for _ in 0..<150 {
      Self.step(&scenario, &random)
      let loaded = try repository.load()
      #expect(loaded == scenario.machine.state, "seed \(seed)")
      if loaded != scenario.machine.state { return }
    }
    let events = try repository.pendingEvents(limit: Limits.outboxEvents).map(\.event)
    #expect(events == scenario.events, "seed \(seed)")
    for id in scenario.outcomes.keys { #expect(try repository.hasCommand(id), "seed \(seed): \(id)") }
  }

  // MARK: Inputs

  /// - Parameter hasChangingReleases: with a release that passes its test sets when it is loaded, and fails them later.
  private static func step(
    _ scenario: inout Scenario, _ random: inout SeededGenerator, hasChangingReleases: Bool = true
  ) {
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<8: scenario.work()
    case 8..<10: scenario.takeRouting()
    case 10: if scenario.machine.isReadingBacklog { scenario.apply(.backlogEnded) } else { scenario.apply(.tick) }
    case 12:
      // Long enough for attempts and test sets that are due.
      scenario.tick(at: scenario.clock + Int64.random(in: 1...700_000, using: &random))
    case 11:
      // Work that nobody waits for any more, or not yet.
      guard let release = scenario.ledger.releases.randomElement(using: &random),
        scenario.failures[release.identity.version] == nil
      else { return }
      let kind = Work.Kind.allCases.randomElement(using: &random) ?? .fetch
      let work = Work(release: release, kind: kind, hand: .background)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: scenario.apply(.workBegun(work))
      case 1: scenario.apply(.workAbandoned(work))
      default: scenario.apply(.workDone(work, timings: [:], report: Scenario.report(of: work)))
      }
    default: command(&scenario, &random)
    }
    if !hasChangingReleases { scenario.failures["v5"] = nil }
  }

  /// - Parameter isForAgreement: without broken releases, since a reader cannot know what was broken when others read it, and with
  ///   absolute rollbacks, as the command line sends them, since `previous` is each worker's own history, and without retirements,
  ///   which a worker refuses for its own way back.
  private static func command(_ scenario: inout Scenario, _ random: inout SeededGenerator, isForAgreement: Bool = false)
  {
    let version = "v\(Int.random(in: 1...9, using: &random))"
    let kind = Int.random(in: 0..<20, using: &random)
    let current = Int.random(in: 0..<4, using: &random) == 0 ? "v\(Int.random(in: 1...9, using: &random))" : nil
    let flag = Bool.random(using: &random)
    if !isForAgreement {
      scenario.failures = [
        "v5": (.gate, .endToEndFailed), "v6": (.probe, .costlierErrors), "v7": (.verify, .badManifest),
        "v8": (.load, .loadFailed),
      ]
      scenario.troubles = flag ? ["v4": .fetch, "v3": .probe] : [:]
    }
    switch kind {
    case 0..<9: scenario.ready(version, ifCurrent: current)
    case 9, 10: scenario.ready(version, .manual)
    case 11: scenario.ready(version, isDryRun: true)
    case 12, 13: scenario.rollback(to: isForAgreement ? version : nil, hold: flag)
    case 14: scenario.rollback(to: version, hold: flag, ifCurrent: current)
    case 15: scenario.traffic(version, ifCurrent: current)
    case 16: if isForAgreement { scenario.resume() } else { scenario.retire(version) }
    case 17: scenario.pause()
    default: scenario.resume()
    }
  }
}

/// What holds after every move.
private struct Invariants {
  let seed: UInt64
  var hasFailed = false
  private var generation = 0

  init(seed: UInt64) { self.seed = seed }

  mutating func check(_ scenario: Scenario, mayMissMemory: Bool) {
    let ledger = scenario.ledger
    require(scenario.versions(.live).count <= 1, "two are live: \(scenario.versions(.live))")
    require(scenario.versions(.live) == [scenario.live].compactMap(\.self), "the stack and the steps differ")
    require(ledger.generation >= generation, "the generation went back")
    let generations = ledger.activations.filter { !$0.isPlanned && $0.generation > 0 }.map(\.generation)
    require(generations == generations.sorted(), "generations of the stack: \(generations)")
    generation = ledger.generation
    if let live = scenario.live, !mayMissMemory {
      require(scenario.isLoaded(live), "\(live) is live and not in memory")
    }
    for identity in scenario.machine.loaded {
      require(ledger.release(identity.version)?.step.isLoaded == true, "\(identity) is in memory for nothing")
    }
    for case .removeFiles(let record) in scenario.last.actions {
      let kept = [ledger.live?.version, ledger.wayBack, ledger.pendingSwitch?.version].compactMap(\.self)
      require(!kept.contains(record.identity.version), "\(record.identity) lost its files, but \(kept) are needed")
    }
    for (command, outcomes) in scenario.outcomes {
      require(outcomes.count <= 2 && outcomes.dropFirst().allSatisfy { $0 != .accepted }, "\(command): \(outcomes)")
    }
  }

  func checkDrained(_ scenario: Scenario) {
    var copy = self
    copy.check(scenario, mayMissMemory: false)
    let ledger = scenario.ledger
    copy.require(scenario.machine.pendingWork().isEmpty, "work is left")
    copy.require(ledger.pendingSwitch == nil && !ledger.activations.contains(where: \.isPlanned), "a switch is left")
    copy.require(!ledger.releases.contains { $0.step.isInProgress || !$0.isSettled }, "a release is left under way")
    for (command, outcomes) in scenario.outcomes {
      let isEnded = outcomes == [.rejected] || outcomes.count == 2
      copy.require(isEnded, "\(command) has not ended: \(outcomes)")
    }
    let kept = Set([ledger.live?.version, ledger.wayBack].compactMap(\.self))
    let onDisk = ledger.releases.filter(\.step.isOnDisk).count
    copy.require(onDisk <= max(scenario.settings.retain, kept.count), "\(onDisk) on disk")
    copy.require(
      scenario.machine.loaded.count <= max(scenario.settings.warm, 1), "\(scenario.machine.loaded.count) in memory")
    let told = scenario.events.filter { $0.type == .releaseLive }.compactMap(\.generation)
    // One that is stopped before every lane has taken it is not told of.
    let isRising = zip(told, told.dropFirst()).allSatisfy { $0 < $1 }
    copy.require(isRising && told.allSatisfy { $0 <= ledger.generation }, "generations told of: \(told)")
    copy.require(ledger.live == nil || told.last == ledger.generation, "what is live was not told of: \(told)")
  }

  mutating func require(_ isTrue: Bool, _ what: @autoclosure () -> String) {
    guard !isTrue else { return }
    if !hasFailed { Issue.record("seed \(seed): \(what())") }
    hasFailed = true
  }
}
