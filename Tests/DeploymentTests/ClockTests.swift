import Deployment
import Domain
import Testing

/// Clocks that are set: what is planned is never further away than it would be by a clock that is right.
@Suite struct ClockTests {
  private static let hour: Int64 = 3_600_000
  private static let interval: Int64 = 600_000

  /// Version 1 is live, and it is late in the day.
  private func served() -> Scenario {
    var scenario = Scenario()
    scenario.tick(at: 24 * Self.hour)
    scenario.ready("v1")
    scenario.drain()
    return scenario
  }

  @Test func `P3: a clock set back by an hour does not keep the test sets from running for that hour`() {
    var scenario = served()
    scenario.setClock(to: scenario.clock - Self.hour)
    // At once, rather than one interval after the old time.
    #expect(scenario.machine.pendingWork().map(\.kind) == [.gate])
    scenario.work()
    #expect(scenario.machine.pendingWork().isEmpty)
    scenario.tick(at: scenario.clock + Self.interval)
    #expect(scenario.machine.pendingWork().map(\.kind) == [.gate])
  }

  @Test func `P3: a clock set back by a minute delays the test sets by that minute`() {
    var scenario = served()
    let due = scenario.clock + Self.interval
    scenario.tick(at: due - Self.interval / 2)
    scenario.setClock(to: scenario.clock - 60_000)
    #expect(scenario.machine.pendingWork().isEmpty)
    scenario.tick(at: due)
    #expect(scenario.machine.pendingWork().map(\.kind) == [.gate])
  }

  @Test func `P3: a clock set forward by an hour runs the test sets once, and then by the interval`() {
    var scenario = served()
    scenario.setClock(to: scenario.clock + Self.hour)
    #expect(scenario.machine.pendingWork().map(\.kind) == [.gate])
    scenario.work()
    #expect(scenario.machine.pendingWork().isEmpty && scenario.live == "v1")
  }

  @Test(arguments: [-1, 1])
  func `P4: a fetch that is to be tried again is tried again, whatever the clock is set to`(direction: Int64) {
    var scenario = served()
    scenario.troubles["v2"] = .fetch
    scenario.ready("v2")
    scenario.work(on: "v2")
    #expect(scenario.machine.pendingWork().isEmpty)
    scenario.troubles = [:]
    scenario.setClock(to: scenario.clock + direction * Self.hour)
    scenario.drain()
    #expect(scenario.live == "v2")
  }

  @Test(arguments: [-1, 1])
  func `P4: a command is out of date by its record's time, whatever this worker's clock is set to`(direction: Int64) {
    var scenario = served()
    scenario.setClock(to: scenario.clock + direction * Self.hour)
    let time = 24 * Self.hour
    let ready = ModelReady(
      identity: ReleaseIdentity(model: Scenario.model, version: "v2", digest: "sha256:v2"),
      archiveDigest: "sha256:a", size: 1, uri: "file:///v2.tar")
    let late = scenario.send(.modelReady(ready), expiresAt: time, recordTime: time + 1)
    #expect(scenario.ending(late) == "rejected rejected expired")
    let timely = scenario.send(.modelReady(ready), expiresAt: time, recordTime: time)
    scenario.drain()
    #expect(scenario.ending(timely) == "applied live")
  }
}
