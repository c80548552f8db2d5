import Deployment
import Domain
import Testing

/// Acceptance: once, or rejected with a reason.
@Suite struct CommandTests {
  private func served(_ versions: String...) -> Scenario {
    var scenario = Scenario()
    for version in versions {
      scenario.ready(version)
      scenario.drain()
    }
    return scenario
  }

  @Test func `a command is recorded and told before anything is done`() {
    var scenario = Scenario()
    let command = scenario.ready("v1")
    #expect(scenario.told == ["command.accepted", "release.announced"])
    #expect(scenario.outcomes[command] == [.accepted])
    #expect(scenario.machine.state.controlOffset == 1)
    #expect(scenario.last.actions.isEmpty)
  }

  @Test func `expiry is judged against the record's time, so that workers agree however late they read`() {
    var scenario = Scenario()
    let onTime = scenario.send(.pause(Pause(scope: .consume)), expiresAt: 500, recordTime: 500)
    let late = scenario.send(.resume(Resume(scope: .consume)), expiresAt: 500, recordTime: 501)
    #expect(scenario.ending(onTime) == "applied paused")
    #expect(scenario.ending(late) == "rejected rejected expired")
    #expect(scenario.machine.state.consumePause != nil)
  }

  @Test func `a stale if_current is rejected on acceptance and changes nothing`() {
    var scenario = served("v1", "v2")
    let before = scenario.machine.state.models
    let command = scenario.rollback(to: "v1", ifCurrent: "v1")
    #expect(scenario.ending(command) == "rejected rejected stale_current")
    #expect(scenario.machine.state.models == before)
  }

  @Test func `if_current is compared again at the switch`() {
    var scenario = served("v1")
    let first = scenario.ready("v2", ifCurrent: "v1")
    let second = scenario.ready("v3", ifCurrent: "v1")
    while scenario.step("v2") != .live { scenario.work(on: "v2") }
    scenario.drain()
    #expect(scenario.ending(first) == "applied live")
    #expect(scenario.ending(second) == "failed stored stale_current")
    #expect(scenario.live == "v2")
    #expect(scenario.step("v3")?.isOnDisk == true)
  }

  @Test func `a promotion goes on when the worker itself has stopped what the sender saw live`() {
    var scenario = served("v1", "v2", "v3")
    #expect(scenario.step("v1") == .stored)
    let promotion = scenario.traffic("v1", ifCurrent: "v3")
    scenario.failures["v3"] = (.load, .endToEndFailed)
    scenario.restart()
    scenario.apply(.backlogEnded)
    scenario.drain()
    #expect(scenario.ending(promotion) == "applied live")
    #expect(scenario.live == "v1")
  }

  @Test func `a promotion that has become stale fails, and its release stays as it was`() {
    var scenario = served("v1", "v2", "v3")
    let promotion = scenario.traffic("v1", ifCurrent: "v3")
    // What was live fails, what replaces it fails too: neither is what the sender saw.
    scenario.failures = ["v3": (.load, .endToEndFailed), "v2": (.gate, .endToEndFailed)]
    scenario.restart()
    scenario.apply(.backlogEnded)
    scenario.work(on: "v3")
    scenario.work(on: "v2")
    #expect(scenario.live == "v2")
    scenario.tick(at: scenario.clock + 700_000)
    scenario.work(on: "v2")
    #expect(scenario.live == nil)
    scenario.drain()
    #expect(scenario.ending(promotion) == "failed failed stale_current")
    #expect(scenario.step("v1")?.isProved == true)
  }

  @Test(arguments: [
    [Traffic.Route(version: "v1", weight: 90), Traffic.Route(version: "v2", weight: 10, role: "canary")],
    [Traffic.Route(version: "v1", weight: 99)], [Traffic.Route(version: "v1", weight: 100, role: "shadow")], [],
  ])
  func `routing that needs rollouts is unsupported`(routes: [Traffic.Route]) {
    var scenario = served("v1", "v2")
    let command = scenario.send(.traffic(Traffic(model: Scenario.model, routes: routes)))
    #expect(scenario.ending(command) == "rejected rejected unsupported")
    #expect(scenario.live == "v2")
  }

  @Test(arguments: [ActivationMode.canary, .shadow])
  func `activating as canary or shadow is unsupported`(mode: ActivationMode) {
    var scenario = Scenario()
    let command = scenario.ready("v1", mode)
    #expect(scenario.ending(command) == "rejected rejected unsupported")
    #expect(scenario.ledger.releases.isEmpty)
  }

  @Test func `a version once announced is immutable, also when its files are gone`() {
    var scenario = served("v1")
    scenario.failures["v2"] = (.verify, .badManifest)
    scenario.ready("v2")
    scenario.drain()
    #expect(scenario.step("v2") == .refused)
    let again = scenario.ready("v2", digest: "sha256:other")
    #expect(scenario.ending(again) == "rejected rejected immutable_version")
  }

  @Test func `versions that nobody announced are unknown`() {
    var scenario = served("v1")
    for command in [scenario.rollback(to: "v9"), scenario.traffic("v9"), scenario.retire("v9"), scenario.rollback()] {
      #expect(scenario.ending(command) == "rejected rejected unknown_version")
    }
    #expect(scenario.live == "v1")
    #expect(scenario.ledger.hold == nil)
  }

  @Test func `a command for others moves the offset and leaves no trace`() {
    var scenario = Scenario(servedModels: ["m"])
    let command = Command.pause(Pause(scope: .consume))
    scenario.send(command, groups: ["other"])
    scenario.send(command, workers: ["w-1", "w-2"])
    scenario.ready("v1", model: "unserved")
    #expect(scenario.outcomes.isEmpty)
    #expect(scenario.machine.state.models.isEmpty)
    #expect(scenario.machine.state.consumePause == nil)
    #expect(scenario.machine.state.controlOffset == 3)
    scenario.send(command, groups: ["g"], workers: ["w"])
    #expect(scenario.machine.state.consumePause != nil)
  }

  @Test func `a dry run proves a release, reports, and switches nothing`() {
    var scenario = served("v1")
    let dry = scenario.ready("v2", isDryRun: true)
    scenario.drain()
    #expect(scenario.ending(dry) == "applied stored")
    #expect(scenario.live == "v1")
    let generation = scenario.ledger.generation
    let rollback = scenario.rollback(to: "v2", isDryRun: true)
    #expect(scenario.ending(rollback) == "applied dry_run")
    #expect(scenario.ledger.generation == generation)
    #expect(scenario.ledger.hold == nil)
  }

  @Test func `a dry run of a release under way does not keep it from going live`() {
    var scenario = served("v1")
    let announcement = scenario.ready("v2")
    let dry = scenario.ready("v2", isDryRun: true)
    scenario.drain()
    #expect(scenario.ending(dry) == "applied dry_run")
    #expect(scenario.ending(announcement) == "applied live")
    #expect(scenario.live == "v2")
  }

  @Test func `a record that is no command is told of and remembered by its id, a duplicate only told of`() {
    var scenario = Scenario()
    scenario.apply(.refusedCommand(Refusal(.malformed, "data.model: expected a name", commandID: "x1"), offset: 7))
    #expect(scenario.machine.state.controlOffset == 8)
    #expect(scenario.outcomes["x1"] == [.rejected])
    #expect(scenario.last.change.events.first?.message?.contains("offset 7") == true)
    scenario.apply(.refusedCommand(Refusal(.duplicate, "read before", commandID: "x1"), offset: 8))
    #expect(scenario.outcomes["x1"] == [.rejected])
    #expect(scenario.last.change.events.first?.reason == .duplicate)
    scenario.apply(.refusedCommand(Refusal(.malformed, "not JSON"), offset: 9))
    #expect(scenario.told == ["command.rejected"])
    #expect(scenario.last.change.commands.isEmpty)
  }

  @Test func `P8: models are bounded, whatever command names a new one`() {
    var state = WorkerState()
    for number in 0..<Limits.modelsPerWorker { state.models["m\(number)"] = ModelLedger(model: "m\(number)") }
    var scenario = Scenario(state: state)
    let ready = scenario.ready("v1", model: "one-more")
    let pause = scenario.send(.pause(Pause(scope: .activation, model: "one-more")))
    #expect(scenario.ending(ready) == "rejected rejected too_large")
    #expect(scenario.ending(pause) == "rejected rejected too_large")
    #expect(scenario.machine.state.models.count == Limits.modelsPerWorker)
  }

  @Test func `pausing activation needs a model`() {
    var scenario = Scenario()
    let first = scenario.send(.pause(Pause(scope: .activation)))
    #expect(scenario.ending(first) == "rejected rejected malformed")
    let second = scenario.send(.resume(Resume(scope: .activation)))
    #expect(scenario.ending(second) == "rejected rejected malformed")
  }

  @Test func `consuming pauses and resumes for the whole worker`() {
    var scenario = Scenario()
    let pause = scenario.pause(.consume)
    #expect(scenario.ending(pause) == "applied paused")
    #expect(scenario.last.actions == [.setConsumptionPaused(true)])
    let resume = scenario.resume(.consume)
    #expect(scenario.ending(resume) == "applied resumed")
    #expect(scenario.last.actions == [.setConsumptionPaused(false)])
  }

  @Test(arguments: PauseScope.allCases)
  func `a pause with a time ends by itself`(scope: PauseScope) {
    var scenario = Scenario()
    scenario.pause(scope, until: 5000)
    scenario.tick(at: 4000)
    #expect(scenario.ledger.pause != nil || scenario.machine.state.consumePause != nil)
    scenario.tick(at: 5000)
    #expect(scenario.ledger.pause == nil)
    #expect(scenario.machine.state.consumePause == nil)
    #expect(scenario.last.actions == (scope == .consume ? [.setConsumptionPaused(false)] : []))
  }
}
