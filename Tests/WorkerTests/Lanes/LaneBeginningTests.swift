import Domain
import Kafka
import Testing

@testable import understudy

/// Where a group begins that has no offsets.
@Suite("Lanes that begin at the next request", .ownThreads)
struct LaneBeginningTests {
  @Test(
    "P1: what is there before a new group is skipped, and nothing after", arguments: LaneConfiguration.Delivery.allCases
  )
  func begins(_ delivery: LaneConfiguration.Delivery) throws {
    let scene = try LaneScene(delivery)
    try scene.send(30)
    scene.start { $0.start = .latest }
    try waitUntil("the lane has its partitions") { scene.log.contains("partitions assigned") }
    try scene.send(3)
    try scene.client.wait("what came later is answered") { scene.client.responses.count >= 3 }
    #expect(try scene.stop() == nil)
    try scene.client.read()
    let keys = Set(scene.client.responses.map { String(decoding: $0.key ?? [], as: UTF8.self) })
    #expect(keys == ["k-30", "k-31", "k-32"])
  }

  @Test(
    "P1: the beginning stays where it is, whatever fails before the first answer",
    arguments: LaneConfiguration.Delivery.allCases)
  func stays(_ delivery: LaneConfiguration.Delivery) throws {
    let scene = try LaneScene(delivery)
    scene.embedded.failNextRequests(
      apiKey: LaneRequest.offsetCommit.apiKey,
      with: [BrokerCode](repeating: .rebalanceInProgress, count: 3).map(\.rawValue))
    scene.start { $0.start = .latest }
    try waitUntil("the lane has its partitions") { scene.log.contains("partitions assigned") }
    // A producer fails for good, and the lane asks for its offsets before the first of them is committed.
    let (request, code): (LaneRequest, BrokerCode) =
      delivery == .exactlyOnce
      ? (.endTransaction, .invalidTransactionState) : (.plainProduce, .outOfOrderSequenceNumber)
    try scene.exchange(60, failing: request.apiKey, with: [code.rawValue])
    try waitUntil("the lane has asked for its offsets") { scene.log.contains("renewing producers") }
    let findings = scene.findings()
    #expect(findings.isAtLeastOnce && findings.reordered.isEmpty, "\(findings)")
    #expect(try scene.stop() == nil)
  }

  @Test("P1: partitions without an offset, of a topic that the worker has served, are read from their beginning")
  func addedPartitions() throws {
    let scene = try LaneScene(.atLeastOnce)
    try scene.send(30)
    scene.start(servedTopics: [scene.requests]) { $0.start = .latest }
    try scene.awaitAnswers()
    #expect(scene.findings().isAtLeastOnce, "\(scene.findings())")
    #expect(try scene.stop() == nil)
  }
}
