import Domain
import Logging
import Testing

@testable import Kafka

@Suite("Publishing")
struct PublisherTests {
  @Test("P7: a publisher whose client has failed for good publishes with another one the next time")
  func failedClient() throws {
    let logger = Logger(label: "test")
    let broker = try EmbeddedBroker(topics: [(name: "events", partitions: 1)], logger: logger)
    // CLUSTER_AUTHORIZATION_FAILED for InitProducerId, which librdkafka takes for the end.
    broker.failNextRequests(apiKey: 22, with: [31], broker: 1)
    let publisher = try Publisher(
      properties: try ClientProperties(["bootstrap.servers": broker.bootstrapServers]), clientID: "test", logger: logger
    )
    let record = Publisher.Outgoing(topic: "events", record: TopicRecord(value: [1]))
    // A client asks for its number by itself: what the first publication meets depends on which of the two is earlier.
    let first = try? publisher.publish([record])
    #expect(first == nil || first == [0])
    #expect(try publisher.publish([record]) == [first == nil ? 0 : 1])
    #expect(broker.failuresLeft(apiKey: 22, broker: 1) == 0)
  }
}
