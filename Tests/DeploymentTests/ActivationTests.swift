import Deployment
import Domain
import Testing

/// What goes live, in which order, and what is told of it.
@Suite struct ActivationTests {
  private func served(_ versions: String..., retain: Int = 5, warm: Int = 2) -> Scenario {
    var scenario = Scenario(retain: retain, warm: warm)
    for version in versions {
      scenario.ready(version)
      scenario.drain()
    }
    return scenario
  }

  @Test func `each move of a release has its event, and its command ends when every lane has taken it`() {
    var scenario = Scenario()
    let command = scenario.ready("v1")
    var moves: [[String]] = []
    while scenario.work() { moves.append(scenario.told) }
    #expect(
      moves == [
        ["release.fetched"], ["release.verified"], ["release.probed"], ["release.gated", "release.warmed"],
      ])
    #expect(scenario.last.actions.contains(.publishRouting))
    #expect(scenario.ending(command) == nil)
    scenario.takeRouting()
    #expect(scenario.told == ["release.live", "command.applied"])
    let event = scenario.last.change.events.first
    #expect(event?.generation == 1)
    #expect(event?.firstOffsets != nil)
    #expect(event?.timings.keys.sorted() == ["fetch", "load", "probe", "switch", "verify"])
    #expect(event?.fromVersion == nil)
    scenario.ready("v2")
    scenario.drain()
    #expect(scenario.events.last { $0.type == .releaseLive }?.fromVersion == "v1")
  }

  @Test func `P4: of a burst the newest good one wins, and older ones are superseded only then`() {
    var scenario = served("v1")
    let commands = ["v2", "v3", "v4"].map { scenario.ready($0) }
    scenario.failures["v4"] = (.load, .loadFailed)
    #expect(scenario.machine.pendingWork().first?.release.identity.version == "v4")
    while scenario.step("v4")?.isInProgress == true { scenario.work() }
    #expect(scenario.step("v4") == .refused)
    #expect(scenario.step("v2") == .announced)
    #expect(scenario.live == "v1")
    scenario.drain()
    #expect(scenario.live == "v3")
    #expect(scenario.step("v2") == .superseded)
    #expect(
      commands.map { scenario.ending($0) } == [
        "failed superseded superseded", "applied live", "failed refused load_failed",
      ])
    #expect(!scenario.fetched.contains("v2"))
  }

  @Test func `P4: a burst in which every newer one is refused ends with the oldest live`() {
    var scenario = served("v1")
    for version in ["v2", "v3", "v4"] { scenario.ready(version) }
    scenario.failures = ["v4": (.fetch, .fetchFailed), "v3": (.verify, .unsafeArchive)]
    scenario.drain()
    #expect(scenario.live == "v2")
    #expect(scenario.stack == ["v1", "v2"])
  }

  @Test func `a newer one that is ready first does not wait for an older one`() {
    var scenario = served("v1")
    let older = scenario.ready("v2")
    scenario.work()
    let newer = scenario.ready("v3")
    scenario.drain()
    #expect(scenario.ending(newer) == "applied live")
    #expect(scenario.ending(older) == "failed superseded superseded")
  }

  @Test func `a manual release is proved and stored, and traffic makes it live at once`() {
    var scenario = served("v1")
    let ready = scenario.ready("v2", .manual)
    scenario.drain()
    #expect(scenario.ending(ready) == "applied stored")
    #expect(scenario.live == "v1")
    let promotion = scenario.traffic("v2")
    #expect(scenario.live == "v2")
    #expect(scenario.machine.pendingWork().isEmpty)
    scenario.drain()
    #expect(scenario.ending(promotion) == "applied live")
  }

  @Test func `a promotion of a release under way ends both commands when it is live`() {
    var scenario = served("v1")
    let ready = scenario.ready("v2")
    let promotion = scenario.traffic("v2")
    scenario.drain()
    #expect(scenario.ending(ready) == "applied live")
    #expect(scenario.ending(promotion) == "applied live")
    #expect(scenario.outcomes[ready] == [.accepted, .applied])
    #expect(scenario.outcomes[promotion] == [.accepted, .applied])
  }

  @Test func `the newest instruction counts: a promotion stores what was announced before it and is not live yet`() {
    var scenario = served("v1", "v2")
    let ready = scenario.ready("v3")
    let promotion = scenario.traffic("v1")
    #expect(scenario.live == "v1")
    scenario.drain()
    #expect(scenario.live == "v1")
    #expect(scenario.ending(ready) == "applied stored")
    #expect(scenario.ending(promotion) == "applied live")
  }

  @Test func `a promotion that cannot be loaded leaves the live one, ends once, and does not block the next`() {
    var scenario = served("v1", "v2", "v3")
    scenario.failures["v1"] = (.load, .loadFailed)
    let promotion = scenario.traffic("v1")
    scenario.drain()
    #expect(scenario.ending(promotion) == "failed failed load_failed")
    #expect(scenario.live == "v3")
    scenario.ready("v4")
    scenario.drain()
    #expect(scenario.live == "v4")
  }

  @Test func `a release on disk that is announced again goes live without a fetch`() {
    var scenario = served("v1", "v2", "v3")
    scenario.ready("v1")
    let again = scenario.ready("v1")
    scenario.drain()
    #expect(scenario.live == "v1")
    #expect(scenario.ending(again) == "applied live")
    #expect(scenario.fetched.filter { $0 == "v1" }.count == 1)
    let command = scenario.ready("v1")
    #expect(scenario.ending(command) == "applied live")
  }

  @Test func `a repeated announcement whose release cannot be loaded fails once`() {
    var scenario = served("v1", "v2", "v3")
    scenario.failures["v1"] = (.load, .loadFailed)
    let again = scenario.ready("v1")
    scenario.drain()
    #expect(scenario.outcomes[again] == [.accepted, .failed])
    #expect(scenario.ending(again) == "failed failed load_failed")
  }

  @Test func `a live release that is announced again before its lanes have taken it ends each command once`() {
    var scenario = Scenario()
    let first = scenario.ready("v1")
    while scenario.work() {}
    let second = scenario.ready("v1")
    scenario.drain()
    #expect(scenario.outcomes[first] == [.accepted, .applied])
    #expect(scenario.outcomes[second] == [.accepted, .applied])
  }

  @Test func `work for an announcement that was repeated meanwhile does not count for the new one`() {
    var scenario = served("v1")
    scenario.ready("v2")
    let old = scenario.machine.pendingWork()[0]
    let again = scenario.ready("v2")
    scenario.apply(.workFailed(old, Refusal(.fetchFailed, "the old address")))
    #expect(scenario.step("v2") == .announced)
    scenario.drain()
    #expect(scenario.ending(again) == "applied live")
  }

  @Test func `every generation is told of once, also when the next one follows before its lanes have taken it`() {
    var scenario = served("v1")
    let second = scenario.ready("v2")
    while scenario.work() {}
    let third = scenario.ready("v3")
    while scenario.work() {}
    scenario.drain()
    #expect(scenario.events.filter { $0.type == .releaseLive }.map(\.generation) == [1, 2, 3])
    #expect(scenario.ending(second) == "applied live")
    #expect(scenario.ending(third) == "applied live")
    // The lanes' word on a generation that has passed changes nothing.
    scenario.apply(.switched(model: "m", generation: 2, firstOffsets: [:], milliseconds: 1))
    #expect(scenario.told.isEmpty)
  }

  @Test func `P6: a restart between an activation and its events tells of it once`() {
    var scenario = served("v1")
    let command = scenario.ready("v2")
    while scenario.work() {}
    scenario.restart()
    scenario.apply(.backlogEnded)
    scenario.drain()
    #expect(scenario.live == "v2")
    #expect(scenario.outcomes[command] == [.accepted, .applied])
    #expect(scenario.ledger.generation == 2)
  }

  @Test
  func `P3: when what was live cannot be loaded after a restart, the one before it serves under a new generation`() {
    var scenario = served("v1", "v2", "v3")
    scenario.failures["v3"] = (.load, .loadFailed)
    scenario.failures["v2"] = (.load, .loadFailed)
    scenario.restart()
    #expect(scenario.machine.pendingWork().first?.release.identity.version == "v3")
    scenario.work()
    #expect(scenario.live == nil)
    scenario.apply(.backlogEnded)
    scenario.drain()
    #expect(scenario.live == "v1")
    #expect(scenario.isLoaded("v1"))
    #expect(scenario.ledger.generation == 4)
    let event = scenario.events.last { $0.type == .releaseLive }
    #expect(event?.commandID == nil)
    #expect(event?.version == "v1")
    for (command, outcomes) in scenario.outcomes { #expect(outcomes.count == 2, "\(command) \(outcomes)") }
  }

  @Test func `after going back by itself a worker takes the next release as ever`() {
    var scenario = served("v1", "v2")
    scenario.failures["v2"] = (.load, .loadFailed)
    scenario.restart()
    scenario.apply(.backlogEnded)
    let ready = scenario.ready("v3")
    scenario.drain()
    #expect(scenario.live == "v3")
    #expect(scenario.ending(ready) == "applied live")
    #expect(scenario.stack == ["v1", "v3"])
  }
}
