import Domain
import Logging
import Testing

@testable import Kafka

@Suite("Chunks from a topic")
struct TopicChunkSourceTests {
  @Test("P4: a read that is given up ends, also when no broker answers")
  func givenUp() throws {
    let source = TopicChunkSource(
      properties: try ClientProperties(["bootstrap.servers": "127.0.0.1:1"]), group: "g",
      logger: Logger(label: "test"))
    let giveUp = GiveUp()
    giveUp.now()
    do throws(Refusal) {
      try source.read(topic: "releases", partition: 0, offsets: 0...9, giveUp: giveUp) { _ in }
      Issue.record("a broker that is not there has answered")
    } catch {
      #expect(error.message == "the fetch was given up" && error.mayRetry)
    }
  }

  @Test("P4: a topic that ends before the announced chunks is asked again, since a transaction may hide them for now")
  func earlyEnd() throws {
    let logger = Logger(label: "test")
    let broker = try EmbeddedBroker(topics: [(name: "releases", partitions: 1)], logger: logger)
    let properties = try ClientProperties(["bootstrap.servers": broker.bootstrapServers])
    let publisher = try Publisher(properties: properties, clientID: "test", logger: logger)
    let records = (0..<3).map { Publisher.Outgoing(topic: "releases", record: TopicRecord(value: [$0])) }
    #expect(try publisher.publish(records) == [0, 1, 2])
    let source = TopicChunkSource(properties: properties, group: "g", logger: logger)
    var read: [Int64] = []
    try source.read(topic: "releases", partition: 0, offsets: 1...2, giveUp: GiveUp()) { read.append($0.offset) }
    #expect(read == [1, 2])
    do throws(Refusal) {
      try source.read(topic: "releases", partition: 0, offsets: 0...3, giveUp: GiveUp()) { read.append($0.offset) }
      Issue.record("a range that is not there was read to its end")
    } catch {
      #expect(error.mayRetry && error.message.hasPrefix("releases-0 ends at offset 3, expected it to reach 3"))
    }
    #expect(read == [1, 2, 0, 1, 2])
  }
}
