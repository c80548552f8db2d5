import Kafka
import Testing

@testable import understudy

/// What the matrix of errors does not reach: in metadata each topic has an error of its own.
@Suite("Lanes and metadata", .ownThreads)
struct LaneMetadataTests {
  /// What the metadata of one topic says for a while.
  struct Fault: Sendable, CustomTestStringConvertible {
    var code: BrokerCode
    var isOfRequests: Bool
    var isFromStart: Bool
    /// Whether it ends the lane, with words on rights.
    var isDenial = false
    var testDescription: String {
      "\(code) of \(isOfRequests ? "requests" : "responses"), \(isFromStart ? "from the start" : "later")"
    }
  }

  static let faults: [Fault] = [true, false].flatMap { isFromStart in
    [
      Fault(code: .unknownTopicOrPartition, isOfRequests: true, isFromStart: isFromStart),
      Fault(code: .leaderNotAvailable, isOfRequests: true, isFromStart: isFromStart),
      Fault(code: .unknownServerError, isOfRequests: true, isFromStart: isFromStart),
      // librdkafka goes on with the leaders that it knows: a right that is taken away later is met by fetches.
      Fault(
        code: .topicAuthorizationFailed, isOfRequests: true, isFromStart: isFromStart, isDenial: isFromStart),
      Fault(code: .unknownTopicOrPartition, isOfRequests: false, isFromStart: isFromStart),
      Fault(code: .leaderNotAvailable, isOfRequests: false, isFromStart: isFromStart),
      Fault(code: .unknownServerError, isOfRequests: false, isFromStart: isFromStart),
      // Tried for a while: rights may be on their way.
      Fault(code: .topicAuthorizationFailed, isOfRequests: false, isFromStart: isFromStart),
    ]
  }

  @Test(
    "P1: a topic that metadata does not know for a while loses nothing, and one that may not be read ends the lane",
    arguments: faults)
  func fault(_ fault: Fault) throws {
    let scene = try LaneScene(brokers: 2)
    let topic = fault.isOfRequests ? scene.requests : scene.broker.topics.responses
    if fault.isFromStart {
      try scene.send(3)
      scene.embedded.setTopicError(topic, code: fault.code.rawValue)
      scene.start()
    } else {
      scene.start()
      try scene.exchange(3)
      try scene.holding { scene in
        try scene.send(3)
        scene.embedded.setTopicError(topic, code: fault.code.rawValue)
        // Metadata is asked for when a leader is not the leader any more.
        scene.embedded.failNextRequests(
          apiKey: fault.isOfRequests ? 1 : 0, with: [BrokerCode.notLeaderOrFollower.rawValue],
          broker: fault.isOfRequests ? 1 : 2)
      }
    }
    if fault.isDenial {
      guard case .stop(let message)? = try scene.failure() else {
        Issue.record("expected an end: \(scene.log)")
        return
      }
      #expect(message.contains("understudy topics acl"))
      return
    }
    let over = ContinuousClock.now + .seconds(5)
    try waitUntil("the topic may be known again") { ContinuousClock.now >= over }
    scene.embedded.setTopicError(topic, code: 0)
    try scene.awaitAnswers()
    try scene.exchange(3)
    let findings = scene.findings()
    #expect(findings.isAtLeastOnce && findings.reordered.isEmpty, "\(findings)")
    #expect(try scene.stop() == nil)
  }
}
