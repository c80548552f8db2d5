import Testing

@testable import Kafka

@Suite("The watchdog of lanes")
struct LaneWatchdogTests {
  @Test("P7: only a lane that has work and does not move for as long as it may is stuck, and is told again later")
  func looks() {
    let start = ContinuousClock.now
    var watchdog = LaneWatchdog(limit: .seconds(60), now: start)
    func look(_ second: Int, mark: Int64, hasWork: Bool) -> Duration? {
      watchdog.look(mark: mark, hasWork: hasWork, now: start + .seconds(second))
    }
    #expect(look(1, mark: 5, hasWork: true) == nil)
    #expect(look(60, mark: 5, hasWork: true) == nil)
    #expect(look(61, mark: 5, hasWork: true) == .seconds(60))
    // It moves, also back.
    #expect(look(62, mark: 4, hasWork: true) == nil)
    #expect(look(121, mark: 4, hasWork: true) == nil)
    // It has nothing to do: what comes later is counted from then on.
    #expect(look(122, mark: 4, hasWork: false) == nil)
    #expect(look(181, mark: 4, hasWork: true) == nil)
    #expect(look(182, mark: 4, hasWork: true) == .seconds(60))
  }
}
