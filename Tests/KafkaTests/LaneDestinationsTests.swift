import CRdKafka
import Domain
import Testing

@testable import Kafka

@Suite("Destinations of a lane")
struct LaneDestinationsTests {
  /// Kafka's number.
  private static let topicAuthorizationFailed: Int32 = 29

  @Test("Reply topics that are not written to for a while are remembered up to a bound, the last one always")
  func deniedTopics() {
    let topics = DestinationTopics(responsePartitions: 1, deadLetterPartitions: 1)
    let destinations = LaneDestinations(topics, responses: "responses", deadLetters: "dead-letters")
    for number in 0..<Limits.replyTopics { destinations.deny(.reply("topic-\(number)")) }
    destinations.deny(.reply("topic-0"))
    #expect(destinations.denied.count == Limits.replyTopics)
    for number in 0..<3 * Limits.replyTopics {
      destinations.deny(.reply("another-\(number)"))
      #expect(destinations.denied.count <= Limits.replyTopics && destinations.denied["another-\(number)"] != nil)
    }
  }

  @Test("Neither answers nor dead letters are ever kept from their topics")
  func ownTopics() {
    let topics = DestinationTopics(responsePartitions: 1, deadLetterPartitions: 1)
    let destinations = LaneDestinations(topics, responses: "responses", deadLetters: "dead-letters")
    destinations.deny(.responses)
    destinations.deny(.deadLetters)
    for topic in ["responses", "dead-letters"] {
      destinations.note(.init(code: Self.topicAuthorizationFailed, topic: topic, byteCount: 1))
    }
    #expect(destinations.denied.isEmpty)
    destinations.note(.init(code: Self.topicAuthorizationFailed, topic: "theirs", byteCount: 1))
    #expect(
      destinations.denied.keys.sorted() == ["theirs"] && destinations.partitionCount(ofReplyTopic: "theirs") == nil)
  }

  @Test("The topic that a transaction failed for is read from the client's log, and no other one")
  func unwritable() {
    let denied = "Broker: Topic authorization failed"
    let line = "[thrd:main]: TxnCoordinator/1: Failed to add partition \"theirs\" [3] to transaction: "
    #expect(unwritableTopic(in: line + denied) == "theirs")
    #expect(unwritableTopic(in: line + "Broker: Operation not attempted") == nil)
    #expect(unwritableTopic(in: "Failed to find \"theirs\": " + denied) == nil)
    #expect(unwritableTopic(in: "") == nil)
  }

  @Test("A record that is refused with every other one, for the state of its client, says nothing of its topic")
  func refusedForState() {
    let forbidden = TransactionFailure(producing: RD_KAFKA_RESP_ERR__STATE, to: "r", fatal: nil)
    #expect(forbidden.disposition == .abort && !forbidden.isOfRecord)
    let large = TransactionFailure(producing: RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, to: "r", fatal: nil)
    #expect(large.disposition == .abort && large.isOfRecord)
  }

  @Test("A client that has failed for a newer owner of its id says so whatever is asked of it first")
  func fencedBefore() {
    let fenced = TransactionFailure(
      producing: RD_KAFKA_RESP_ERR__FATAL, to: "r", fatal: (RD_KAFKA_RESP_ERR__FENCED, "a newer instance"))
    #expect(fenced.isFenced && fenced.disposition == .fatal && !fenced.isOfRecord)
    #expect(fenced.description.contains("a newer instance"))
    let other = TransactionFailure(
      producing: RD_KAFKA_RESP_ERR__FATAL, to: "r", fatal: (RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "a gap"))
    #expect(!other.isFenced && other.disposition == .fatal)
  }
}
