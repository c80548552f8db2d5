import Kafka
import Testing

@testable import understudy

/// A lane that gets nowhere though nothing tells it so.
@Suite("Lanes that are stuck", .ownThreads)
struct LaneStuckTests {
  @Test("P7: a lane whose fetches never succeed begins anew, tells so, and answers when they do")
  func stuck() throws {
    let scene = try LaneScene(brokers: 2)
    let lane = scene.start { $0.stallMilliseconds = 1500 }
    try scene.exchange(30)
    let before = lane.rebuilds
    // It goes back to the beginning, since the embedded broker forgets the offsets of transactions, and knows where the
    // end is.
    try scene.holding { scene in
      try scene.send(3)
      scene.embedded.failNextRequests(apiKey: 26, with: [BrokerCode.lostAcknowledgement.rawValue])
      scene.embedded.failNextRequests(
        apiKey: 1, with: Array(repeating: BrokerCode.unknownServerError.rawValue, count: 20_000))
    }
    try waitUntil("the lane begins anew") { lane.rebuilds > before }
    scene.embedded.forgive(apiKey: 1)
    #expect(lane.log.contains("made no progress"))
    try scene.awaitAnswers()
    try scene.exchange(30)
    let findings = scene.findings()
    #expect(findings.isAtLeastOnce && findings.reordered.isEmpty, "\(findings)")
    #expect(try scene.stop() == nil)
    #expect(lane.isReleased)
  }

  @Test("P7: a lane that its group never takes back begins anew, tells so, and answers when it does")
  func outside() throws {
    let scene = try LaneScene()
    // The first join takes some seconds, for longer than that nothing is amiss.
    let lane = scene.start { $0.outsideMilliseconds = 10_000 }
    try scene.exchange(30)
    let before = lane.rebuilds
    // It loses its place by the next heartbeat, and no join brings it back.
    scene.embedded.failNextRequests(
      apiKey: 11, with: Array(repeating: BrokerCode.coordinatorNotAvailable.rawValue, count: 20_000))
    scene.embedded.failNextRequests(
      apiKey: 12, with: Array(repeating: BrokerCode.unknownMemberID.rawValue, count: 20_000))
    try scene.send(30)
    try waitUntil("the lane begins anew") { lane.rebuilds > before }
    scene.embedded.forgive(apiKey: 11)
    scene.embedded.forgive(apiKey: 12)
    #expect(lane.log.contains("made no progress"))
    try scene.awaitAnswers()
    try scene.exchange(30)
    let findings = scene.findings()
    #expect(findings.isAtLeastOnce && findings.reordered.isEmpty, "\(findings)")
    #expect(try scene.stop() == nil)
    #expect(lane.isReleased)
  }

  @Test("P7: a lane that is paused, or has nothing to do, is not taken for stuck")
  func paused() throws {
    let scene = try LaneScene()
    let lane = scene.start { $0.stallMilliseconds = 4000 }
    try scene.exchange(30)
    let before = lane.rebuilds
    let idle = ContinuousClock.now + .seconds(6)
    try waitUntil("it had nothing to do for longer than it may be stuck") { ContinuousClock.now >= idle }
    lane.control.setPaused(true)
    try waitUntil("the lane pauses") { lane.log.contains("paused") }
    try scene.send(30)
    let resumed = ContinuousClock.now + .seconds(6)
    try waitUntil("it was paused for longer than it may be stuck") { ContinuousClock.now >= resumed }
    #expect(lane.rebuilds == before)
    lane.control.setPaused(false)
    try scene.awaitAnswers()
    #expect(lane.rebuilds == before)
    #expect(try scene.stop() == nil)
  }
}
