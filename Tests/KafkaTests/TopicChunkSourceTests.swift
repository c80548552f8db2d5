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
}
