import Deployment
import Domain
import Testing

/// A worker that reads the log of others: decided first, fetched afterwards.
@Suite struct BacklogTests {
  private func fresh(retain: Int = 5, warm: Int = 2) -> Scenario {
    Scenario(retain: retain, warm: warm, isReadingBacklog: true)
  }

  /// Reads to the end and does what is to be done; nothing may be fetched before.
  private func finish(_ scenario: inout Scenario) {
    #expect(scenario.machine.pendingWork().allSatisfy { $0.kind == .load })
    scenario.apply(.backlogEnded)
    scenario.drain()
  }

  @Test func `a fresh worker that reads two releases ends with the second live and the first warm as the way back`() {
    var scenario = fresh()
    let first = scenario.ready("v1")
    let second = scenario.ready("v2")
    #expect(scenario.machine.pendingWork().isEmpty)
    finish(&scenario)
    #expect(scenario.live == "v2")
    #expect(scenario.step("v1") == .warm)
    #expect(scenario.fetched == ["v2", "v1"])
    #expect(scenario.ending(first) == "applied stored")
    #expect(scenario.ending(second) == "applied live")
    scenario.rollback()
    #expect(scenario.live == "v1")
  }

  @Test func `ready, ready, rollback to previous ends with the first live and held`() {
    var scenario = fresh()
    let first = scenario.ready("v1")
    let second = scenario.ready("v2")
    let rollback = scenario.rollback()
    finish(&scenario)
    #expect(scenario.live == "v1")
    #expect(scenario.step("v2") == .held)
    #expect(scenario.ledger.hold != nil)
    #expect(scenario.ending(first) == "applied live")
    #expect(scenario.ending(second) == "failed held held")
    #expect(scenario.ending(rollback) == "applied live")
    #expect(scenario.ledger.release("v2")?.wasRolledBack == true)
  }

  @Test func `what the command line sends, an absolute version with if_current, has the same end on a fresh worker`() {
    var scenario = fresh()
    scenario.ready("v1")
    scenario.ready("v2", ifCurrent: "v1")
    let stale = scenario.rollback(to: "v1", ifCurrent: "v1")
    let rollback = scenario.rollback(to: "v1", ifCurrent: "v2")
    finish(&scenario)
    #expect(scenario.ending(stale) == "rejected rejected stale_current")
    #expect(scenario.ending(rollback) == "applied live")
    #expect(scenario.live == "v1")
    var second = fresh()
    second.ready("v1")
    second.ready("v2", ifCurrent: "v1")
    finish(&second)
    #expect(second.live == "v2")
  }

  @Test func `rollback twice to previous in the backlog goes two back`() {
    var scenario = fresh()
    for version in ["v1", "v2", "v3"] { scenario.ready(version) }
    let first = scenario.rollback()
    let second = scenario.rollback()
    finish(&scenario)
    #expect(scenario.live == "v1")
    #expect(scenario.stack == ["v1"])
    #expect(scenario.ending(first) == "failed superseded superseded")
    #expect(scenario.ending(second) == "applied live")
  }

  @Test func `rollback of a promotion in the backlog goes to what was live before it`() {
    var scenario = fresh()
    scenario.ready("v1")
    scenario.ready("v2")
    scenario.traffic("v1")
    let rollback = scenario.rollback()
    finish(&scenario)
    #expect(scenario.live == "v2")
    #expect(scenario.ending(rollback) == "applied live")
  }

  @Test func `a release behind a promotion in the backlog is what ends up live`() {
    var scenario = fresh()
    scenario.ready("v1")
    scenario.ready("v2")
    scenario.traffic("v1")
    scenario.ready("v3", ifCurrent: "v1")
    finish(&scenario)
    #expect(scenario.live == "v3")
    #expect(scenario.ledger.wayBack == "v1")
  }

  @Test func `history below a rollback stays a way back`() {
    var scenario = fresh()
    for version in ["v1", "v2", "v3"] { scenario.ready(version) }
    scenario.rollback(to: "v2")
    finish(&scenario)
    #expect(scenario.live == "v2")
    #expect(scenario.stack == ["v1", "v2"])
    #expect(scenario.step("v1") == .warm)
    for (command, outcomes) in scenario.outcomes { #expect(outcomes.count == 2, "\(command)") }
  }

  @Test func `only what retain allows is fetched, of releases that were live`() {
    var scenario = fresh(retain: 3)
    for number in 1...8 { scenario.ready("v\(number)") }
    finish(&scenario)
    #expect(scenario.live == "v8")
    #expect(scenario.fetched == ["v8", "v7", "v6"])
    #expect(scenario.versions(.superseded) == ["v1", "v2", "v3", "v4", "v5"])
  }

  @Test func `only what retain allows is fetched, of releases that were stored or held`() {
    var scenario = fresh(retain: 3)
    scenario.ready("v1")
    for number in 2...5 { scenario.ready("v\(number)", .manual) }
    scenario.pause()
    for number in 6...9 { scenario.ready("v\(number)") }
    finish(&scenario)
    #expect(scenario.live == "v1")
    #expect(scenario.fetched.sorted() == ["v1", "v8", "v9"])
    for (command, outcomes) in scenario.outcomes { #expect(outcomes.count == 2, "\(command)") }
  }

  @Test func `P4: a broken newest release in the backlog gives way to the one before it`() {
    var scenario = fresh()
    scenario.failures["v2"] = (.fetch, .fetchFailed)
    scenario.ready("v1")
    scenario.ready("v2")
    finish(&scenario)
    #expect(scenario.live == "v1")
  }

  @Test func `what went live before a pause in the backlog goes live, what came after is held`() {
    var scenario = fresh()
    scenario.ready("v1")
    scenario.pause()
    scenario.ready("v2")
    finish(&scenario)
    #expect(scenario.live == "v1")
    #expect(scenario.step("v2") == .held)
  }

  @Test func `P5: a pause with a time is over for what was announced after that, however late a worker reads it`() {
    var scenario = fresh()
    scenario.ready("v1")
    scenario.pause(until: 600)
    // The clock is beyond that already.
    scenario.apply(.tick)
    let during = scenario.ready("v2", recordTime: 599)
    let after = scenario.ready("v3", recordTime: 600)
    #expect(scenario.ledger.pause == nil)
    finish(&scenario)
    #expect(scenario.live == "v3")
    #expect(scenario.ending(during) == "failed held held")
    #expect(scenario.ending(after) == "applied live")

    var late = fresh()
    late.ready("v1")
    late.pause(until: 600)
    late.pause(.consume, until: 600)
    #expect(late.machine.state.consumePause != nil)
    late.apply(.backlogEnded)
    #expect(late.ledger.pause == nil && late.machine.state.consumePause == nil)
    #expect(late.last.actions.contains(.setConsumptionPaused(false)))
  }

  @Test func `retire in the backlog is judged by what the backlog ends in`() {
    var scenario = fresh()
    for version in ["v1", "v2", "v3"] { scenario.ready(version) }
    let old = scenario.retire("v1")
    let wayBack = scenario.retire("v2")
    let live = scenario.retire("v3")
    finish(&scenario)
    #expect(scenario.ending(old) == "applied retired")
    #expect(scenario.ending(wayBack) == "rejected rejected unsupported")
    #expect(scenario.ending(live) == "rejected rejected unsupported")
    #expect(scenario.step("v1") == .retired)
    #expect(!scenario.fetched.contains("v1"))
  }

  @Test func `a release that went live elsewhere and is named once more keeps its place, and ends both commands`() {
    for mode in [ActivationMode.auto, .manual] {
      var scenario = fresh()
      scenario.ready("v1")
      let first = scenario.ready("v2")
      let again = scenario.ready("v2", mode)
      finish(&scenario)
      #expect(scenario.live == "v2")
      #expect(scenario.stack == ["v1", "v2"])
      #expect(scenario.ending(first) == "failed superseded superseded")
      #expect(scenario.ending(again) == "applied live")
    }
  }

  @Test func `a release that is announced again behind a newer one is what ends up live`() {
    var scenario = fresh()
    for version in ["v1", "v2"] { scenario.ready(version) }
    let rollback = scenario.rollback(to: "v1", hold: false)
    scenario.ready("v3")
    let again = scenario.ready("v1")
    finish(&scenario)
    #expect(scenario.live == "v1")
    #expect(scenario.ledger.wayBack == "v3")
    #expect(scenario.ending(rollback) == "failed superseded superseded")
    #expect(scenario.ending(again) == "applied live")
  }

  @Test func `P6: serving begins with what is recorded as live, while the backlog decides what comes next`() {
    var scenario = Scenario()
    for version in ["v1", "v2"] {
      scenario.ready(version)
      scenario.drain()
    }
    scenario.restart()
    // One by one, what is live first.
    #expect(scenario.machine.pendingWork().map(\.release.identity.version) == ["v2"])
    scenario.ready("v3")
    scenario.work()
    #expect(scenario.last.actions == [.publishRouting])
    #expect(scenario.live == "v2")
    scenario.work()
    #expect(scenario.machine.pendingWork().isEmpty)
    finish(&scenario)
    #expect(scenario.live == "v3")
    #expect(scenario.stack == ["v1", "v2", "v3"])
  }

  @Test func `P6: a rollback read after a restart pops what was live, once it is loaded`() {
    var scenario = Scenario(warm: 1)
    for version in ["v1", "v2"] {
      scenario.ready(version)
      scenario.drain()
    }
    scenario.restart()
    scenario.rollback(to: "v1", ifCurrent: "v2")
    #expect(scenario.live == "v2")
    finish(&scenario)
    #expect(scenario.live == "v1")
    #expect(scenario.stack == ["v1"])
  }
}
