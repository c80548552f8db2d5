import Kafka
import Testing

@testable import understudy

/// Lanes whose brokers go, come, are slow, or hand partitions and groups to each other.
@Suite("Lanes and brokers that move", .ownThreads)
struct LaneMoveTests {
  @Test(
    "P1: partitions and coordinators that move from broker to broker under load lose and reorder nothing",
    arguments: LaneConfiguration.Delivery.allCases)
  func moves(_ delivery: LaneConfiguration.Delivery) throws {
    let scene = try LaneScene(delivery, brokers: 3)
    scene.start()
    try scene.exchange(30)
    for round in 0..<9 {
      let broker = Int32(round % 3) + 1
      try scene.send(60)
      scene.embedded.setLeader(scene.requests, Int32(round % 3), broker: broker)
      scene.embedded.setCoordinator(.group(scene.broker.name), broker: broker)
      try scene.send(60)
      scene.embedded.setLeader(scene.broker.topics.responses, Int32(round % 3), broker: broker)
      for producer in 0..<3 {
        scene.embedded.setCoordinator(.transaction("\(scene.broker.name).worker-0.0.\(producer)"), broker: broker)
      }
      try scene.awaitAnswers()
    }
    try end(scene)
  }

  @Test("P1: brokers that are away one after the other lose and reorder nothing, also when all answers are slow")
  func rolling() throws {
    let scene = try LaneScene(brokers: 3)
    for broker in Int32(1)...3 { scene.embedded.setRoundTrip(milliseconds: 30, broker: broker) }
    // A part of everything is on each of them.
    for partition in Int32(0)..<3 {
      scene.embedded.setLeader(scene.requests, partition, broker: partition + 1)
      scene.embedded.setLeader(scene.broker.topics.responses, partition, broker: 3 - partition)
    }
    scene.start()
    try scene.exchange(30)
    for broker in Int32(1)...3 {
      try scene.send(90)
      scene.embedded.setDown(true, broker: broker)
      let back = ContinuousClock.now + .seconds(2)
      try waitUntil("the broker may come back") { ContinuousClock.now >= back }
      scene.embedded.setDown(false, broker: broker)
      try scene.awaitAnswers()
    }
    try end(scene)
  }

  @Test("P1: a lane whose output broker is away for longer than records may wait stays in its group and goes on")
  func absentOutput() throws {
    let scene = try LaneScene(brokers: 2)
    // Nobody dies here: a group that is short of time for a while must not count as one that was left.
    scene.start(properties: ["session.timeout.ms": "60000"])
    try scene.exchange(30)
    try scene.send(300)
    scene.embedded.setDown(true, broker: 2)
    let back = ContinuousClock.now + .seconds(12)
    try waitUntil("the broker may come back") { ContinuousClock.now >= back }
    #expect(scene.lane?.outcome == nil && !scene.log.contains("partitions given up"))
    scene.embedded.setDown(false, broker: 2)
    try scene.awaitAnswers()
    try end(scene)
  }

  private func end(_ scene: LaneScene) throws {
    try scene.exchange(30)
    let findings = scene.findings()
    #expect(findings.isAtLeastOnce && findings.reordered.isEmpty, "\(findings)")
    #expect(try scene.stop() == nil)
  }
}
