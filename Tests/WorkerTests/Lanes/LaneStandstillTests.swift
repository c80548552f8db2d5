import Foundation
import Kafka
import Logging
import Testing

@testable import understudy

/// A lane whose thread does not come back from what it calls.
@Suite("Lanes that stand still", .ownThreads)
struct LaneStandstillTests {
  @Test("P7: a lane stands still when its count has been the same for so many looks, and only while a thread runs it")
  func looks() {
    var watch = StandstillWatch(lanes: 2, limit: 2)
    #expect(watch.look([1, nil]) == nil)
    #expect(watch.look([1, nil]) == nil)
    #expect(watch.look([2, nil]) == nil, "it has come back")
    #expect(watch.look([2, 7]) == nil)
    #expect(watch.look([3, 7]) == nil)
    #expect(watch.look([4, 7]) == 1)
    #expect(watch.look([4, nil]) == nil, "it has ended")
    #expect(watch.look([4, 0]) == 0)
  }

  @Test("P7: only a lane that a thread runs has a pulse")
  func pulse() throws {
    let scene = try LaneScene()
    let lane = scene.start()
    try scene.exchange(30)
    let before = try #require(lane.control.pulse.count)
    try waitUntil("an idle lane comes back from its polls") { lane.control.pulse.count != before }
    #expect(try scene.stop() == nil)
    #expect(lane.control.pulse.count == nil)
    lane.control.pulse.crash()
  }

  // librdkafka 2.0.2 does not come back here, whatever the call's time-out; see docs/faults.md. Where another version does,
  // the lane gets on, and this process ends well.
  @Test("P7: a call that does not come back ends the process, as a crash on the lane's thread")
  func standstill() async throws {
    let result = await #expect(
      processExitsWith: .signal(SIGABRT), observing: [\.standardOutputContent, \.standardErrorContent]
    ) {
      let scene = try LaneScene()
      let lane = scene.start()
      // Its first transaction: the producer has not asked for the group's coordinator yet.
      try waitUntil("the lane has its partitions") { lane.log.contains("partitions assigned") }
      try scene.holding { scene in
        try scene.send(3)
        scene.embedded.failNextRequests(
          apiKey: 10, with: Array(repeating: BrokerCode.notCoordinator.rawValue, count: 20))
      }
      // Each look is longer than a turn of a lane that gets on, and all of them longer than twice the call's ten seconds.
      let end = ContinuousClock.now + .seconds(120)
      LaneWatch(pulses: [lane.control.pulse], limit: 25, logger: Logger(label: "watch")).run { pace in
        let next = ContinuousClock.now + pace
        try? waitUntil("the next look") { ContinuousClock.now >= next }
        return ContinuousClock.now >= end
      }
    }
    let text = [result?.standardOutputContent, result?.standardErrorContent].compactMap(\.self)
      .map { String(decoding: $0, as: UTF8.self) }.joined()
    #expect(text.contains("has not come back from a call"), "\(text.suffix(2000))")
    #expect(!text.contains("ended by another thread"), "\(text.suffix(2000))")
  }
}
