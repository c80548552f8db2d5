import Kafka
import Synchronization
import Testing

@testable import understudy

/// Lanes whose broker fails in the middle of things, as far as the matrix of errors does not know it. The embedded broker
/// shows aborted records and forgets the offsets of transactions, so that what is asserted here is that nothing is lost,
/// that first answers keep their order, and that the lane goes on.
@Suite("Lanes and failing brokers", .ownThreads)
struct LaneFaultTests {
  /// Requests of a kind that fail, in order.
  struct Fault: Sendable, CustomTestStringConvertible {
    var request: LaneRequest
    var codes: [BrokerCode]
    var testDescription: String { "\(request) answered \(codes)" }
  }

  static let faults: [Fault] = [
    Fault(request: .produce, codes: [.lostAcknowledgement]),
    Fault(request: .produce, codes: [.messageTooLarge]),
    Fault(request: .endTransaction, codes: [.lostAcknowledgement]),
    Fault(request: .endTransaction, codes: [.invalidProducerEpoch]),
    Fault(request: .transactionOffsetCommit, codes: [.illegalGeneration]),
    Fault(request: .transactionOffsetCommit, codes: Array(repeating: .rebalanceInProgress, count: 5)),
    Fault(request: .heartbeat, codes: [.unknownMemberID]),
    Fault(request: .offsetCommit, codes: [.rebalanceInProgress]),
    Fault(request: .offsetCommit, codes: [.unknownMemberID]),
    Fault(request: .plainProduce, codes: [.lostAcknowledgement]),
    Fault(request: .plainProduce, codes: [.messageTooLarge]),
  ]

  @Test("P1 P7: records that are answered alone lose and reorder nothing when requests fail", arguments: faults)
  func isolated(_ fault: Fault) throws {
    let journal = EveryThird()
    let scene = try LaneScene(fault.request.delivery, journal: journal)
    scene.start()
    try scene.exchange(60)
    try scene.exchange(60, failing: fault.request.apiKey, with: fault.codes.map(\.rawValue))
    for _ in 0..<4 { try scene.exchange(30) }
    let findings = scene.findings()
    #expect(findings.isAtLeastOnce && findings.reordered.isEmpty, "\(findings)")
    #expect(try scene.stop() == nil)
    let account = journal.account.withLock { $0 }
    // Of 80 records in each of three partitions every third one; others came together.
    #expect(account.wrong == 0 && account.alone >= 3 * 26 && account.together > 0, "\(account)")
    #expect(!account.isScoring && !account.isEntered)
  }

  @Test("P1: a record that the broker finds too large is told", arguments: LaneConfiguration.Delivery.allCases)
  func tooLarge(_ delivery: LaneConfiguration.Delivery) throws {
    let scene = try LaneScene(delivery)
    scene.start()
    try scene.exchange(60)
    try scene.exchange(60, failing: 0, with: [BrokerCode.messageTooLarge.rawValue])
    try waitUntil("the lane tells of it") { scene.log.contains("record not delivered") }
    #expect(try scene.stop() == nil)
  }

  @Test("P1: a broker that is away for two seconds loses nothing", arguments: LaneConfiguration.Delivery.allCases)
  func away(_ delivery: LaneConfiguration.Delivery) throws {
    let scene = try LaneScene(delivery)
    scene.start()
    try scene.exchange(60)
    try scene.client.send(60..<1000)
    scene.embedded.setDown(true)
    let back = ContinuousClock.now + .seconds(2)
    try waitUntil("the broker may come back") { ContinuousClock.now >= back }
    scene.embedded.setDown(false)
    try scene.awaitAnswers()
    try scene.exchange(60)
    let findings = scene.findings()
    #expect(findings.isAtLeastOnce && findings.reordered.isEmpty, "\(findings)")
    #expect(try scene.stop() == nil)
  }

  @Test("P1: a producer that fails for good with answers in its queue has no request of theirs committed")
  func failsWithAnswersQueued() throws {
    let scene = try LaneScene(.atLeastOnce)
    try scene.send(60)
    // Nothing leaves the queue before the producer has its number.
    let apiKey = LaneRequest.plainInitProducerID.apiKey
    scene.embedded.failNextRequests(
      apiKey: apiKey, with: Array(repeating: BrokerCode.coordinatorLoadInProgress.rawValue, count: 20_000))
    let lane = scene.start()
    try waitUntil("the lane has answered: \(lane.log)") { lane.answered >= 60 }
    // What one broker is told goes before what all are.
    scene.embedded.failNextRequests(
      apiKey: apiKey, with: [BrokerCode.clusterAuthorizationFailed.rawValue], broker: 1)
    let error = try scene.failure()
    guard case .stop(let message)? = error, message.contains("understudy topics acl") else {
      Issue.record("expected an end for want of a right, not \(String(describing: error)): \(scene.log)")
      return
    }
    #expect(scene.log.contains("Purged in queue"), "the answers were in the queue: \(scene.log)")
    scene.embedded.forgive(apiKey: apiKey)
    scene.start()
    try scene.awaitAnswers()
    #expect(scene.findings().isAtLeastOnce, "\(scene.findings())")
    #expect(try scene.stop() == nil)
  }

  @Test("P1: a lane that ends while it recovers has committed no request whose answer the broker did not take")
  func endsInRecovery() throws {
    let scene = try LaneScene(.atLeastOnce)
    scene.start()
    try scene.exchange(60)
    try scene.holding { scene in
      try scene.send(60)
      scene.embedded.failNextRequests(
        apiKey: LaneRequest.plainProduce.apiKey,
        with: Array(repeating: BrokerCode.messageTooLarge.rawValue, count: 1000))
      scene.embedded.failNextRequests(
        apiKey: LaneRequest.offsetFetch.apiKey,
        with: Array(repeating: BrokerCode.unknownServerError.rawValue, count: 20_000))
    }
    try waitUntil("the lane recovers") {
      scene.log.contains("renewing producers") || scene.log.contains("transaction failed")
    }
    #expect(try scene.stop() == nil)
    for request in [LaneRequest.plainProduce, .offsetFetch] { scene.embedded.forgive(apiKey: request.apiKey) }

    scene.start()
    try scene.awaitAnswers()
    let findings = scene.findings()
    #expect(findings.isAtLeastOnce && findings.reordered.isEmpty, "\(findings)")
    #expect(try scene.stop() == nil)
  }
}
