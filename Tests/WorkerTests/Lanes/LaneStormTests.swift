import Kafka
import Testing

@testable import understudy

/// A group whose members never stay.
@Suite("A storm of rebalances", .ownThreads)
struct LaneStormTests {
  @Test(
    "P1: lanes that come to a group and leave it every second lose and reorder nothing",
    arguments: LaneConfiguration.Delivery.allCases)
  func storm(_ delivery: LaneConfiguration.Delivery) throws {
    let scene = try LaneScene(delivery)
    let properties = ["session.timeout.ms": "4000"]
    var lanes = [scene.start(slot: "worker-0", properties: properties)]
    try scene.exchange(30)
    for round in 1...20 {
      try scene.send(15)
      lanes.append(scene.start(slot: "worker-\(round)", properties: properties))
      let next = ContinuousClock.now + .seconds(1)
      try waitUntil("it is the next one's turn") { ContinuousClock.now >= next }
      try scene.client.read()
      // The oldest leaves; three are there at a time.
      if lanes.count > 3 { #expect(try lanes.removeFirst().stop() == nil) }
    }
    try scene.awaitAnswers()
    let findings = scene.findings()
    #expect(findings.isAtLeastOnce && findings.reordered.isEmpty, "\(findings)")
    for lane in lanes { #expect(try lane.stop() == nil) }
  }
}
