import Deployment
import Domain
import Testing

/// What is live is watched, what fails is replaced, and what may succeed later is tried again.
@Suite struct GateWatchTests {
  private static let interval: Int64 = 600_000

  private func served(_ versions: String..., retain: Int = 5, warm: Int = 2) -> Scenario {
    var scenario = Scenario(retain: retain, warm: warm)
    for version in versions {
      scenario.ready(version)
      scenario.drain()
    }
    return scenario
  }

  /// The test sets of what is live fail.
  private func fail(_ version: String, in scenario: inout Scenario, _ reason: RefusalReason = .endToEndFailed) {
    scenario.failures[version] = (.gate, reason)
    scenario.tick(at: scenario.clock + Self.interval)
    scenario.work(on: version)
  }

  @Test func `P3: the test sets run on what is live when the interval is over, and not before`() {
    var scenario = served("v1", "v2")
    scenario.tick(at: scenario.clock + Self.interval / 2)
    #expect(scenario.machine.pendingWork().isEmpty)
    scenario.tick(at: scenario.clock + Self.interval)
    let work = scenario.machine.pendingWork()
    #expect(work.map(\.release.identity.version) == ["v2"])
    #expect(work.first?.kind == .gate && work.first?.hand == .watch)
    scenario.work()
    #expect(scenario.told == ["gate.passed"])
    #expect(scenario.last.change.events.first?.report?.endToEnd?.rows == 3)
    #expect(scenario.ledger.release("v2")?.gatedAt == scenario.clock)
    // What the probe has measured is kept beside what the sets say now.
    #expect(scenario.ledger.release("v2")?.report?.resources?.peakBytes == 1 << 20)
    #expect(scenario.machine.pendingWork().isEmpty)
    #expect(scenario.live == "v2")
  }

  @Test func `P3: what fails while live is stopped in the same move`() {
    var scenario = served("v1", "v2")
    fail("v2", in: &scenario)
    #expect(scenario.live == nil)
    #expect(scenario.step("v2") == .refused)
    #expect(scenario.told == ["gate.failed", "release.refused"])
    #expect(scenario.last.change.events.allSatisfy { $0.reason == .endToEndFailed && $0.report?.hasPassed == false })
    #expect(scenario.ledger.stoppedVersion == "v2")
    let actions = scenario.last.actions
    #expect(actions.first == scenario.ledger.release("v2").map { .unload($0.identity) })
    #expect(actions.contains(.publishRouting))
  }

  @Test func `P3: with what was live stopped a worker is not ready and says why, until something is live again`() {
    var scenario = served("v1", "v2")
    func readiness() -> Readiness {
      var facts = Readiness.Facts()
      facts.isRestored = true
      facts.servingLanes = 1
      facts.answersWithoutRelease = true
      facts.defaultModel = Scenario.model
      facts.read(scenario.machine.state)
      return Readiness(facts)
    }
    #expect(readiness().isReady)
    fail("v2", in: &scenario)
    #expect(readiness().reasons.map(\.reason) == [.gateFailing])
    let message = readiness().reasons.first?.message ?? ""
    #expect(message.hasPrefix("m: v2 failed its gate while it was live and was stopped: "), "\(message)")
    scenario.work()
    #expect(scenario.live == "v1" && readiness().isReady)
  }

  @Test func `P3: the one below proves itself and goes live with the events of a rollback, and no hold`() {
    var scenario = served("v1", "v2")
    fail("v2", in: &scenario)
    let work = scenario.machine.pendingWork()
    #expect(work.first?.release.identity.version == "v1")
    #expect(work.first?.kind == .gate && work.first?.isUrgent == true)
    scenario.work()
    #expect(scenario.live == "v1")
    scenario.takeRouting()
    let event = scenario.events.last { $0.type == .releaseLive }
    #expect(event?.cause == "gate" && event?.fromVersion == "v2" && event?.commandID == nil)
    #expect(event?.generation == 3)
    #expect(scenario.ledger.hold == nil)
    // Nothing keeps the next release from going live.
    scenario.ready("v3")
    scenario.drain()
    #expect(scenario.live == "v3")
  }

  @Test func `P3: one that fails too is passed over, and one that is only on disk is loaded and proved`() {
    var scenario = served("v1", "v2", "v3")
    #expect(scenario.step("v1") == .stored)
    scenario.failures["v2"] = (.gate, .metricOutOfRange)
    fail("v3", in: &scenario)
    scenario.work()
    #expect(scenario.step("v2") == .refused && scenario.live == nil)
    #expect(scenario.machine.pendingWork().first?.kind == .load)
    scenario.drain()
    #expect(scenario.live == "v1")
  }

  @Test func `P3: with nothing left that passes nothing is live, until a good release arrives`() {
    var scenario = served("v1", "v2")
    scenario.failures["v1"] = (.gate, .endToEndFailed)
    fail("v2", in: &scenario)
    scenario.drain()
    #expect(scenario.live == nil && scenario.ledger.top == nil)
    #expect(scenario.ledger.stoppedVersion == "v2")
    scenario.ready("v3")
    scenario.drain()
    #expect(scenario.live == "v3")
    #expect(scenario.events.last { $0.type == .releaseLive }?.fromVersion == "v2")
    #expect(scenario.events.last { $0.type == .releaseLive }?.cause == "model.ready")
  }

  @Test func `P3: what a rollback has left is never a replacement`() {
    var scenario = served("v1", "v2", "v3")
    scenario.rollback(to: "v2", hold: false)
    scenario.drain()
    fail("v2", in: &scenario)
    scenario.drain()
    #expect(scenario.live == "v1")
    #expect(scenario.step("v3")?.isOnDisk == true)
  }

  @Test func `P3: a replacement does not wait for a switch that waits for its release`() {
    var scenario = served("v1", "v2")
    scenario.ready("v3", .manual)
    let promotion = scenario.traffic("v3")
    fail("v2", in: &scenario)
    let work = scenario.machine.pendingWork()
    #expect(work.first?.release.identity.version == "v1" && work.first?.hand == .replacement)
    #expect(work.contains { $0.release.identity.version == "v3" && $0.hand == .urgent })
    scenario.work(on: "v1")
    #expect(scenario.live == "v1")
    scenario.drain()
    #expect(scenario.live == "v3")
    #expect(scenario.ending(promotion) == "applied live")
  }

  @Test func `P5: a rollback from what the worker has stopped meanwhile goes where the operator wants it`() {
    var scenario = served("v1", "v2", "v3")
    #expect(scenario.step("v1") == .stored)
    let rollback = scenario.rollback(to: "v1", ifCurrent: "v3")
    fail("v3", in: &scenario)
    scenario.drain()
    #expect(scenario.live == "v1")
    #expect(scenario.ending(rollback) == "applied live")
  }

  @Test func `P5: previous is what was live before, while nothing is`() {
    var scenario = served("v1", "v2", "v3")
    fail("v3", in: &scenario)
    scenario.rollback(to: nil, ifCurrent: "v3")
    #expect(scenario.live == "v2")
  }

  @Test func `P3: sets that cannot be read for the moment are read again after a pause, before anything is stopped`() {
    var scenario = served("v1", "v2")
    scenario.troubles["v2"] = .gate
    scenario.tick(at: scenario.clock + Self.interval)
    scenario.work(on: "v2")
    #expect(scenario.live == "v2" && scenario.told == ["release.postponed"])
    #expect(scenario.machine.pendingWork().isEmpty)
    scenario.tick(at: scenario.ledger.release("v2")?.retryAt ?? 0)
    scenario.troubles = [:]
    scenario.work(on: "v2")
    #expect(scenario.told == ["gate.passed"])
  }

  @Test func `P3, P6: sets that could not be read for a while say nothing of whether a restart may load the release`() {
    var scenario = served("v1", "v2")
    scenario.troubles["v2"] = .gate
    scenario.tick(at: scenario.clock + Self.interval)
    for _ in 0...Limits.attemptsPerStep {
      scenario.work(on: "v2")
      scenario.tick(at: scenario.ledger.release("v2")?.retryAt ?? 0)
    }
    #expect(scenario.live == "v2")
    scenario.troubles = [:]
    scenario.restart()
    scenario.apply(.backlogEnded)
    scenario.drain()
    #expect(scenario.live == "v2" && scenario.step("v2") == .live)
  }

  @Test func `P5: a rollback that comes while a replacement is sought goes live at once, if it is warm`() {
    var scenario = served("v1", "v2")
    fail("v2", in: &scenario)
    let rollback = scenario.rollback(to: "v1")
    #expect(scenario.live == "v1")
    scenario.takeRouting()
    #expect(scenario.ending(rollback) == "applied live")
  }

  @Test func `P3: at a restart what was live runs its test sets before anything serves`() {
    var scenario = served("v1", "v2")
    scenario.restart()
    scenario.failures["v2"] = (.load, .endToEndFailed)
    scenario.apply(.backlogEnded)
    scenario.drain()
    #expect(scenario.live == "v1")
    #expect(scenario.step("v2") == .refused)
    #expect(scenario.events.contains { $0.type == .gateFailed && $0.version == "v2" })
    #expect(scenario.events.last { $0.type == .releaseLive }?.fromVersion == "v2")
  }

  @Test func `P6: a restart in the middle of a replacement ends in the same release`() {
    var scenario = served("v1", "v2")
    fail("v2", in: &scenario)
    scenario.restart()
    scenario.apply(.backlogEnded)
    #expect(scenario.live == nil)
    scenario.drain()
    #expect(scenario.live == "v1")
    #expect(scenario.events.last { $0.type == .releaseLive }?.fromVersion == "v2")
  }

  @Test func `a release without test sets is not watched`() {
    var scenario = Scenario()
    scenario.ready("v1")
    while let work = scenario.machine.pendingWork().first {
      let report = work.kind == .probe || work.kind == .load ? GateReport(isUngated: true) : nil
      scenario.apply(.workDone(work, timings: [:], report: report))
    }
    scenario.takeRouting()
    #expect(scenario.events.first { $0.type == .releaseGated }?.outcome == "ungated")
    scenario.tick(at: scenario.clock + 2 * Self.interval)
    #expect(scenario.machine.pendingWork().isEmpty)
    #expect(scenario.ledger.release("v1")?.report?.isUngated == true)
  }

  // MARK: Attempts

  @Test func `P4: a source that does not answer is asked again after pauses that grow, and in the end refused`() {
    var scenario = Scenario()
    scenario.troubles["v1"] = .fetch
    let command = scenario.ready("v1")
    var pauses: [Int64] = []
    while scenario.step("v1") == .announced {
      scenario.work()
      guard let retry = scenario.ledger.release("v1")?.retryAt else { break }
      pauses.append(retry - scenario.clock)
      #expect(scenario.machine.pendingWork().isEmpty)
      scenario.tick(at: retry)
    }
    #expect(pauses == [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000])
    #expect(scenario.fetched.count == Limits.fetchAttempts)
    #expect(scenario.ending(command) == "failed refused fetch_failed")
  }

  @Test func `P4: while one release waits for its next attempt, another one goes live`() {
    var scenario = Scenario()
    scenario.troubles["v2"] = .fetch
    scenario.ready("v1")
    scenario.ready("v2")
    scenario.drain()
    #expect(scenario.live == "v1")
    scenario.troubles = [:]
    scenario.tick(at: scenario.ledger.release("v2")?.retryAt ?? 0)
    scenario.drain()
    #expect(scenario.live == "v2")
    #expect(scenario.ledger.release("v2")?.attempts == 0)
  }

  @Test func `P4: a release whose gate is cut off three times is refused, and does not keep the worker from starting`()
  {
    var scenario = Scenario()
    let command = scenario.ready("v1")
    scenario.work()
    scenario.work()
    for attempt in 1...Limits.attemptsPerStep {
      let work = scenario.machine.pendingWork()[0]
      #expect(work.kind == .probe)
      scenario.apply(.workBegun(work))
      #expect(scenario.ledger.release("v1")?.attempts == attempt)
      // The process dies here.
      scenario.restart()
      scenario.apply(.backlogEnded)
    }
    scenario.drain()
    #expect(scenario.step("v1") == .refused)
    #expect(scenario.ending(command) == "failed refused load_failed")
  }

  @Test func `P6: a machine that cannot read what was live for a while does not cost the release`() {
    var scenario = served("v1", "v2")
    scenario.restart()
    scenario.apply(.backlogEnded)
    scenario.troubles["v2"] = .load
    for attempt in 1..<Limits.fetchAttempts {
      scenario.tick(at: scenario.ledger.release("v2")?.retryAt ?? 0)
      scenario.work(on: "v2")
      #expect(scenario.events.last?.type == .releasePostponed, "attempt \(attempt)")
      #expect(scenario.ledger.release("v2")?.attempts == 0)
    }
    scenario.troubles = [:]
    scenario.drain(waits: true)
    #expect(scenario.live == "v2" && scenario.isLoaded("v2"))

    // What nobody can read at all gives way in the end.
    scenario.restart()
    scenario.apply(.backlogEnded)
    scenario.troubles["v2"] = .load
    scenario.drain(waits: true)
    #expect(scenario.live == "v1")
  }

  @Test func `P4: a live release that ends its process while it is loaded gives way to the one before`() {
    var scenario = served("v1", "v2")
    for _ in 1...Limits.attemptsPerStep {
      scenario.restart()
      let work = scenario.machine.pendingWork().first { $0.release.identity.version == "v2" }
      if let work { scenario.apply(.workBegun(work)) }
    }
    scenario.restart()
    scenario.apply(.backlogEnded)
    scenario.drain()
    #expect(scenario.live == "v1")
    #expect(scenario.ledger.release("v2")?.reason == .loadFailed)
  }

  @Test func `P6: a worker that ends in an orderly way spends no attempt`() {
    var scenario = Scenario()
    scenario.ready("v1")
    scenario.work()
    scenario.work()
    for _ in 1...2 * Limits.attemptsPerStep {
      let work = scenario.machine.pendingWork()[0]
      scenario.apply(.workBegun(work))
      scenario.apply(.workAbandoned(work))
      scenario.restart()
      scenario.apply(.backlogEnded)
    }
    scenario.drain()
    #expect(scenario.live == "v1")
  }
}
