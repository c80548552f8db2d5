import Deployment
import Domain
import Testing

/// Going back, holding, and going on.
@Suite struct RollbackTests {
  private func served(_ versions: String..., retain: Int = 10, warm: Int = 2) -> Scenario {
    var scenario = Scenario(retain: retain, warm: warm)
    for version in versions {
      scenario.ready(version)
      scenario.drain()
    }
    return scenario
  }

  @Test func `P5: rollback to a warm release switches in the same move and asks for no work`() {
    var scenario = served("v1", "v2")
    let rollback = scenario.rollback()
    #expect(scenario.live == "v1")
    #expect(scenario.last.actions == [.publishRouting])
    #expect(scenario.machine.pendingWork().isEmpty)
    #expect(scenario.ledger.generation == 3)
    scenario.takeRouting()
    #expect(scenario.ending(rollback) == "applied live")
    #expect(scenario.events.last?.fromVersion == "v2")
  }

  @Test func `previous goes one further back each time`() {
    var scenario = served("v1", "v2", "v3")
    scenario.rollback()
    scenario.drain()
    #expect(scenario.live == "v2")
    scenario.rollback()
    scenario.drain()
    #expect(scenario.live == "v1")
    #expect(scenario.stack == ["v1"])
    let first = scenario.rollback()
    #expect(scenario.ending(first) == "rejected rejected unknown_version")
  }

  @Test func `what a rollback has left may not be pinned, until it is live again`() {
    var scenario = served("v1", "v2", "v3")
    scenario.rollback(to: "v1")
    scenario.drain()
    #expect(scenario.ledger.release("v2")?.wasRolledBack == true)
    #expect(scenario.ledger.release("v3")?.wasRolledBack == true)
    scenario.traffic("v3")
    scenario.drain()
    #expect(scenario.ledger.release("v3")?.wasRolledBack == false)
    #expect(scenario.stack == ["v1", "v3"])
    scenario.rollback()
    scenario.drain()
    #expect(scenario.live == "v1")
  }

  @Test func `rollback to a stored version that never was live`() {
    var scenario = served("v1")
    scenario.ready("v2", .manual)
    scenario.drain()
    scenario.ready("v3")
    scenario.drain()
    let rollback = scenario.rollback(to: "v2")
    scenario.drain()
    #expect(scenario.ending(rollback) == "applied live")
    #expect(scenario.stack == ["v1", "v2"])
    scenario.rollback()
    scenario.drain()
    #expect(scenario.live == "v1")
  }

  @Test func `previous after a promotion is what was live before the promotion`() {
    var scenario = served("v1", "v2", "v3")
    scenario.traffic("v1")
    scenario.drain()
    #expect(scenario.stack == ["v1", "v2", "v3", "v1"])
    scenario.rollback()
    scenario.drain()
    #expect(scenario.live == "v3")
    #expect(scenario.stack == ["v1", "v2", "v3"])
  }

  @Test func `while held, new releases are proved and stored, and their commands say so`() {
    var scenario = served("v1", "v2")
    scenario.rollback()
    let ready = scenario.ready("v3")
    scenario.drain()
    #expect(scenario.live == "v1")
    #expect(scenario.step("v3") == .held)
    #expect(!scenario.isLoaded("v3"))
    #expect(scenario.ending(ready) == "failed held held")
    let message = scenario.events.last { $0.commandID == ready }?.message
    #expect(message?.contains("INC-1") == true)
    #expect(message?.contains("understudy traffic m v3=100") == true)
  }

  @Test func `resume ends the hold, says what would make a held release live, and makes nothing live itself`() {
    var scenario = served("v1", "v2")
    scenario.rollback()
    scenario.ready("v3")
    scenario.drain()
    let resume = scenario.resume()
    #expect(scenario.ending(resume) == "applied resumed")
    #expect(scenario.events.last?.message?.contains("understudy traffic m v3=100") == true)
    scenario.drain()
    #expect(scenario.live == "v1")
    let promotion = scenario.traffic("v3")
    scenario.drain()
    #expect(scenario.ending(promotion) == "applied live")
    #expect(scenario.live == "v3")
    scenario.ready("v4")
    scenario.drain()
    #expect(scenario.live == "v4")
  }

  @Test func `a release announced under a hold stays held when resume comes before it is proved`() {
    var scenario = served("v1", "v2")
    scenario.rollback()
    let ready = scenario.ready("v3")
    scenario.resume()
    #expect(scenario.events.last?.message?.contains("v3=100") == true)
    scenario.drain()
    #expect(scenario.live == "v1")
    #expect(scenario.ending(ready) == "failed held held")
    #expect(scenario.events.last { $0.commandID == ready }?.message?.contains("?") == false)
  }

  @Test func `traffic promotes while held, and the hold stays`() {
    var scenario = served("v1", "v2")
    scenario.rollback()
    scenario.traffic("v2")
    scenario.drain()
    #expect(scenario.live == "v2")
    #expect(scenario.ledger.hold != nil)
  }

  @Test func `a promotion of a held release that is not proved yet ends both commands when it is live`() {
    var scenario = served("v1", "v2")
    scenario.rollback()
    let ready = scenario.ready("v3")
    let promotion = scenario.traffic("v3")
    scenario.drain()
    #expect(scenario.live == "v3")
    #expect(scenario.ending(promotion) == "applied live")
    #expect(scenario.outcomes[ready] == [.accepted, .applied])
  }

  @Test func `what was on its way live when a rollback came is held, without the hold stored`() {
    for hold in [true, false] {
      var scenario = served("v1", "v2")
      let ready = scenario.ready("v3")
      scenario.work()
      scenario.rollback(hold: hold)
      #expect(scenario.live == "v1")
      scenario.drain()
      #expect(scenario.live == "v1")
      #expect(scenario.ending(ready) == (hold ? "failed held held" : "applied stored"))
    }
  }

  @Test func `a release announced after a rollback without hold goes live after it, though it is ready before it`() {
    var scenario = served("v1", "v2", "v3")
    let rollback = scenario.rollback(to: "v1", hold: false)
    let ready = scenario.ready("v4")
    while scenario.step("v4")?.isInProgress == true { scenario.work(on: "v4") }
    #expect(scenario.live == "v3")
    scenario.drain()
    #expect(scenario.live == "v4")
    #expect(scenario.stack == ["v1", "v4"])
    #expect(scenario.ending(rollback) == "applied live")
    #expect(scenario.ending(ready) == "applied live")
  }

  @Test func `a rollback that comes before its promotion was taken by the lanes ends both`() {
    var scenario = served("v1")
    let ready = scenario.ready("v2")
    while scenario.work() {}
    let rollback = scenario.rollback()
    scenario.drain()
    #expect(scenario.ending(ready) == "applied live")
    #expect(scenario.ending(rollback) == "applied live")
    #expect(scenario.live == "v1")
  }

  @Test func `of two rollbacks that wait the newer counts`() {
    var scenario = served("v1", "v2", "v3", "v4")
    let first = scenario.rollback(to: "v1")
    let second = scenario.rollback(to: "v2")
    scenario.drain()
    #expect(scenario.ending(first) == "failed superseded superseded")
    #expect(scenario.ending(second) == "applied live")
    #expect(scenario.live == "v2")
  }

  @Test func `P4: a rollback whose release cannot be loaded leaves the live one serving`() {
    var scenario = served("v1", "v2", "v3")
    scenario.failures["v1"] = (.load, .loadFailed)
    let rollback = scenario.rollback(to: "v1")
    scenario.drain()
    #expect(scenario.ending(rollback) == "failed failed load_failed")
    #expect(scenario.live == "v3")
    #expect(scenario.stack == ["v2", "v3"])
  }

  @Test func `rollback to what is live already is applied, and holds`() {
    var scenario = served("v1", "v2")
    let second = scenario.rollback(to: "v2")
    #expect(scenario.ending(second) == "applied live")
    #expect(scenario.ledger.generation == 2)
    #expect(scenario.ledger.hold != nil)
  }

  @Test func `a paused model stores what is announced, also a repeated announcement that waits`() {
    var scenario = served("v1", "v2", "v3")
    let again = scenario.ready("v1")
    scenario.pause()
    let new = scenario.ready("v4")
    scenario.drain()
    #expect(scenario.live == "v3")
    #expect(scenario.ending(again) == "failed held held")
    #expect(scenario.ending(new) == "failed held held")
    scenario.resume()
    scenario.ready("v5")
    scenario.drain()
    #expect(scenario.live == "v5")
  }

  /// A worker where v2 went live first, so that v1 was passed over; another one of the group had v1 live before it.
  private func passedOver() -> Scenario {
    var scenario = Scenario()
    scenario.ready("v1")
    scenario.ready("v2")
    scenario.drain()
    #expect(scenario.live == "v2")
    #expect(scenario.step("v1") == .superseded)
    #expect(scenario.fetched == ["v2"])
    return scenario
  }

  @Test func `P5: what was passed over here and live elsewhere is fetched again for a rollback, so that workers agree`()
  {
    var scenario = passedOver()
    let rollback = scenario.rollback(to: "v1")
    #expect(scenario.live == "v2")
    scenario.drain()
    #expect(scenario.live == "v1")
    #expect(scenario.fetched == ["v2", "v1"])
    #expect(scenario.ending(rollback) == "applied live")
    #expect(scenario.ledger.hold != nil)
    scenario.traffic("v2")
    scenario.drain()
    #expect(scenario.live == "v2")
  }

  @Test(arguments: [Work.Kind.fetch, .probe, .load])
  func `P4: what was passed over and does not pass its gate ends the rollback, and what is live stays`(kind: Work.Kind)
  {
    var scenario = passedOver()
    scenario.failures["v1"] = (kind, .loadFailed)
    let rollback = scenario.rollback(to: "v1")
    scenario.drain()
    #expect(scenario.live == "v2")
    #expect(scenario.step("v1") == .refused)
    #expect(scenario.ending(rollback) == "failed failed load_failed")
    let again = scenario.rollback(to: "v1")
    #expect(scenario.ending(again) == "rejected rejected unknown_version")
  }

  @Test func `what was passed over survives a restart in the middle of being fetched again`() {
    var scenario = passedOver()
    let rollback = scenario.rollback(to: "v1")
    scenario.work(on: "v1")
    scenario.restart()
    scenario.apply(.backlogEnded)
    scenario.drain()
    #expect(scenario.live == "v1")
    #expect(scenario.ending(rollback) == "applied live")
  }

  @Test func `what was passed over and then retired is gone for rollbacks, as it is where it was live`() {
    var scenario = passedOver()
    let retire = scenario.retire("v1")
    #expect(scenario.ending(retire) == "applied retired")
    let rollback = scenario.rollback(to: "v1")
    #expect(scenario.ending(rollback) == "rejected rejected unknown_version")
    #expect(scenario.live == "v2")
  }

  @Test
  func `what is fetched again for a rollback that is dropped is passed over again, and may be asked for once more`() {
    var scenario = passedOver()
    let first = scenario.rollback(to: "v1")
    scenario.work(on: "v1")
    let second = scenario.rollback(to: "v2", hold: false)
    #expect(scenario.ending(first) == "failed superseded superseded")
    #expect(scenario.ending(second) == "applied live")
    #expect(scenario.step("v1") == .superseded)
    scenario.drain()
    #expect(scenario.fetched == ["v2", "v1"])
    scenario.rollback(to: "v1")
    scenario.drain()
    #expect(scenario.live == "v1")
  }
}
