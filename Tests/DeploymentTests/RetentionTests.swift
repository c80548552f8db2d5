import Deployment
import Domain
import Testing

/// What stays in memory and on disk.
@Suite struct RetentionTests {
  private func served(_ count: Int, retain: Int, warm: Int) -> Scenario {
    var scenario = Scenario(retain: retain, warm: warm)
    for number in 1...count {
      scenario.ready("v\(number)")
      scenario.drain()
    }
    return scenario
  }

  @Test func `warm and retain count the live one`() {
    let scenario = served(6, retain: 4, warm: 3)
    #expect(scenario.versions(.live) == ["v6"])
    #expect(scenario.versions(.warm) == ["v4", "v5"])
    #expect(scenario.versions(.stored) == ["v3"])
    #expect(scenario.versions(.retired) == ["v1", "v2"])
    #expect(scenario.machine.loaded.map(\.version).sorted() == ["v4", "v5", "v6"])
  }

  @Test(arguments: [(1, 1), (1, 2), (2, 2)])
  func `retain and warm never drop live and the way back`(retain: Int, warm: Int) {
    var scenario = served(4, retain: retain, warm: warm)
    #expect(scenario.step("v4") == .live)
    #expect(scenario.step("v3") == (warm > 1 ? .warm : .stored))
    for number in 5...7 {
      scenario.ready("v\(number)", .manual)
      scenario.drain()
    }
    #expect(scenario.step("v4") == .live)
    #expect(scenario.step("v3")?.isOnDisk == true)
    scenario.rollback()
    scenario.drain()
    #expect(scenario.live == "v3")
  }

  @Test func `a release that waits for its switch is not dropped`() {
    var scenario = served(4, retain: 4, warm: 1)
    #expect(scenario.step("v1") == .stored)
    scenario.traffic("v1")
    for number in 5...8 { scenario.ready("v\(number)", .manual) }
    while scenario.work(on: "v8") {}
    #expect(scenario.step("v1")?.isOnDisk == true)
    scenario.drain()
    #expect(scenario.live == "v1")
  }

  @Test func `live, its way back and what is on its way cannot be retired; the rest can`() {
    var scenario = served(4, retain: 10, warm: 2)
    scenario.ready("v5")
    for version in ["v3", "v4", "v5"] {
      let command = scenario.retire(version)
      #expect(scenario.ending(command) == "rejected rejected unsupported")
    }
    let command = scenario.retire("v1")
    #expect(scenario.ending(command) == "applied retired")
    #expect(scenario.told == ["command.accepted", "release.retired", "command.applied"])
    #expect(scenario.last.actions.contains { if case .removeFiles = $0 { true } else { false } })
    #expect(scenario.stack == ["v2", "v3", "v4", "(v5)"])
  }

  @Test func `retiring a release that is being proved ends its announcement`() {
    var scenario = served(1, retain: 5, warm: 2)
    let ready = scenario.ready("v2", .manual)
    scenario.work()
    scenario.retire("v2")
    #expect(scenario.ending(ready) == "failed retired superseded")
    scenario.drain()
    #expect(scenario.step("v2") == .retired)
  }

  @Test func `work that ends after its release was dropped leaves nothing in memory or on disk`() {
    var scenario = served(1, retain: 5, warm: 2)
    scenario.ready("v2", .manual)
    for _ in 0..<3 { scenario.work() }
    let load = scenario.machine.pendingWork()[0]
    scenario.retire("v2")
    scenario.apply(.workDone(load, timings: [:]))
    #expect(scenario.last.actions == [.unload(load.release.identity), .removeFiles(load.release)])
    #expect(!scenario.isLoaded("v2"))
    #expect(scenario.told.isEmpty)
  }

  @Test func `the way back is brought into memory when warm has room for it`() {
    var scenario = served(3, retain: 5, warm: 2)
    scenario.rollback()
    scenario.drain()
    #expect(scenario.live == "v2")
    #expect(scenario.ledger.wayBack == "v1")
    #expect(scenario.isLoaded("v1"))
    #expect(scenario.machine.loaded.count == 2)
  }

  @Test func `P8: forgotten releases are remembered up to a limit, those on disk always`() {
    var state = WorkerState()
    var ledger = ModelLedger(model: "m")
    for number in 0..<Limits.releasesRememberedPerModel {
      let identity = ReleaseIdentity(model: "m", version: "o\(number)", digest: "sha256:\(number)")
      let ready = ModelReady(identity: identity, archiveDigest: "sha256:x", size: 1, uri: "file:/x")
      var record = ReleaseRecord(ready, intent: .store, commandID: "old", sequence: Int64(number), at: 0)
      (record.step, record.isSettled) = (.retired, true)
      ledger.releases.append(record)
    }
    state.models["m"] = ledger
    state.controlOffset = Int64(Limits.releasesRememberedPerModel)
    var scenario = Scenario(state: state)
    scenario.ready("v1")
    scenario.drain()
    #expect(scenario.ledger.releases.count == Limits.releasesRememberedPerModel)
    #expect(scenario.ledger.releases.first?.identity.version == "o1")
    #expect(scenario.live == "v1")
  }

  @Test func `P8: the stack is bounded`() {
    var scenario = served(2, retain: 5, warm: 2)
    for number in 0..<Limits.activationsPerModel { scenario.traffic(number % 2 == 0 ? "v1" : "v2") }
    scenario.drain()
    #expect(scenario.ledger.activations.count == Limits.activationsPerModel)
    #expect(scenario.ledger.generation == Limits.activationsPerModel + 2)
  }
}
