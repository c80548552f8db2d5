import Kafka
import Synchronization
import Testing

@testable import understudy

/// Lanes whose broker fails in the middle of things. The embedded broker shows aborted records and forgets the offsets
/// of transactions, so that what is asserted here is that nothing is lost, that first answers keep their order, and
/// that the lane goes on.
@Suite("Lanes and failing brokers", .ownThreads)
struct LaneFaultTests {
  /// Requests of a kind that fail, in order.
  struct Fault: Sendable, CustomTestStringConvertible {
    var what: String
    var apiKey: Int16
    var codes: [Int32]
    /// What the lane says of it, as a proof that it has met the fault; nil for what librdkafka settles by itself.
    var says: String?
    var delivery = LaneConfiguration.Delivery.exactlyOnce
    var testDescription: String { "\(delivery.rawValue): \(what)" }
  }

  private static let lostAcknowledgement: Int32 = -195

  static let faults: [Fault] = [
    Fault(
      what: "Produce loses its acknowledgement", apiKey: 0, codes: [lostAcknowledgement], says: "renewing producers"),
    Fault(what: "Produce finds the record too large", apiKey: 0, codes: [10], says: "record not delivered"),
    Fault(what: "AddPartitionsToTxn meets a concurrent transaction", apiKey: 24, codes: [51, 51]),
    Fault(
      what: "AddOffsetsToTxn loses its acknowledgement", apiKey: 25, codes: [lostAcknowledgement],
      says: "renewing producers"),
    Fault(
      what: "EndTxn loses its acknowledgement", apiKey: 26, codes: [lostAcknowledgement], says: "renewing producers"),
    Fault(what: "EndTxn meets a newer epoch", apiKey: 26, codes: [47], says: "renewing producers"),
    Fault(what: "TxnOffsetCommit of an old generation", apiKey: 28, codes: [22], says: "transaction failed"),
    Fault(
      what: "TxnOffsetCommit during a rebalance, five times", apiKey: 28, codes: [27, 27, 27, 27, 27],
      says: "transaction failed"),
    Fault(what: "TxnOffsetCommit of an unknown member", apiKey: 28, codes: [25], says: "transaction failed"),
    Fault(what: "TxnOffsetCommit meets a newer epoch", apiKey: 28, codes: [47], says: "renewing producers"),
    Fault(what: "Heartbeat of an unknown member", apiKey: 12, codes: [25], says: "partitions given up"),
    Fault(
      what: "OffsetCommit during a rebalance", apiKey: 8, codes: [27], says: "offsets not committed",
      delivery: .atLeastOnce),
    Fault(
      what: "OffsetCommit of an unknown member", apiKey: 8, codes: [25], says: "offsets not committed",
      delivery: .atLeastOnce),
    Fault(
      what: "Produce loses its acknowledgement", apiKey: 0, codes: [lostAcknowledgement], says: "renewing producers",
      delivery: .atLeastOnce),
    Fault(
      what: "Produce finds the record too large", apiKey: 0, codes: [10], says: "record not delivered",
      delivery: .atLeastOnce),
  ]

  @Test("P1: a failing request loses nothing, and the lane goes on", arguments: faults)
  func fault(_ fault: Fault) throws {
    let scene = try LaneScene(fault.delivery)
    scene.start()
    try scene.exchange(60)
    try scene.exchange(60, failing: fault.apiKey, with: fault.codes)
    // A producer that has lost a request is renewed when its turn comes again.
    for _ in 0..<4 { try scene.exchange(30) }
    if let says = fault.says { try waitUntil("the lane says: \(says)") { scene.log.contains(says) } }
    try scene.exchange(30)
    let findings = scene.findings()
    #expect(findings.isAtLeastOnce && findings.reordered.isEmpty, "\(findings)")
    #expect(try scene.stop() == nil)
  }

  @Test("P1 P7: records that are answered alone lose and reorder nothing when requests fail", arguments: faults)
  func isolated(_ fault: Fault) throws {
    let journal = EveryThird()
    let scene = try LaneScene(fault.delivery, journal: journal)
    scene.start()
    try scene.exchange(60)
    try scene.exchange(60, failing: fault.apiKey, with: fault.codes)
    for _ in 0..<4 { try scene.exchange(30) }
    let findings = scene.findings()
    #expect(findings.isAtLeastOnce && findings.reordered.isEmpty, "\(findings)")
    #expect(try scene.stop() == nil)
    let account = journal.account.withLock { $0 }
    // Of 80 records in each of three partitions every third one; others came together.
    #expect(account.wrong == 0 && account.alone >= 3 * 26 && account.together > 0, "\(account)")
    #expect(!account.isScoring && !account.isEntered)
  }

  @Test("P1: producers that cannot be initialised at once, and offsets that are not decided yet, are waited for")
  func beginning() throws {
    let scene = try LaneScene()
    try scene.client.send(0..<60)
    scene.embedded.failNextRequests(apiKey: 22, with: [51, 14, 51, 16, 51])
    scene.embedded.failNextRequests(apiKey: 9, with: [88, 14])
    scene.start()
    try scene.awaitAnswers()
    #expect(scene.findings().isExactlyOnce, "\(scene.findings())")
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

  @Test(
    "P1: another process with the same slot ends the lane as fenced, and so does a producer that is fenced again and again"
  )
  func fenced() throws {
    let instance = try LaneScene()
    instance.start()
    try instance.exchange(3)
    instance.embedded.failNextRequests(apiKey: 12, with: [82])
    guard case .fenced(let message)? = try instance.failure(within: .seconds(20)) else {
      Issue.record("expected a fence")
      return
    }
    #expect(message.contains("slot"))

    let producer = try LaneScene()
    producer.start()
    try producer.exchange(3)
    producer.embedded.failNextRequests(apiKey: 26, with: [47, 47, 47, 47])
    try producer.client.send(3..<6)
    guard case .fenced? = try producer.failure(within: .seconds(40)) else {
      Issue.record("expected a fence")
      return
    }
  }
}
