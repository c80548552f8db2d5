import Logging
import Testing

@testable import Kafka

@Suite("Properties of librdkafka")
struct ClientPropertiesTests {
  @Test(
    "P1: a property that would break a promise is refused with the reason",
    arguments: ClientProperties.refused.keys.sorted())
  func refused(_ name: String) throws {
    do throws(KafkaError) {
      _ = try ClientProperties(["bootstrap.servers": "b:9092", name: "x"])
      Issue.record("\(name) was accepted")
    } catch {
      #expect(error == .stop("kafka.\(name): not yours to set, because \(ClientProperties.refused[name] ?? "?")"))
    }
  }

  @Test("P1: what the design lists is refused")
  func listed() {
    let listed = [
      "enable.auto.commit", "enable.auto.offset.store", "isolation.level", "transactional.id", "group.instance.id",
      "partition.assignment.strategy", "auto.offset.reset", "enable.idempotence",
    ]
    #expect(listed.allSatisfy { ClientProperties.refused[$0] != nil })
  }

  @Test("Others are handed on, and secrets are not shown")
  func others() throws {
    let properties = try ClientProperties([
      "bootstrap.servers": "b:9092", "sasl.password": "p", "ssl.key.pem": "k", "sasl.oauthbearer.client.secret": "s",
      "linger.ms": "1",
    ])
    #expect(properties.bootstrapServers == "b:9092")
    #expect(properties.values["sasl.password"] == "p")
    #expect(
      properties.redacted == [
        "bootstrap.servers": "b:9092", "sasl.password": "***", "ssl.key.pem": "***",
        "sasl.oauthbearer.client.secret": "***", "linger.ms": "1",
      ])
  }

  @Test("A name or a value that librdkafka does not know is refused with its name")
  func unknown() throws {
    for (name, value) in [("no.such.property", "1"), ("linger.ms", "soon")] {
      do throws(KafkaError) {
        _ = try TopicDirectory(
          properties: ClientProperties(["bootstrap.servers": "b", name: value]), logger: Logger(label: "test"))
        Issue.record("\(name) was accepted")
      } catch {
        guard case .stop(let message) = error else { Issue.record("\(error)"); continue }
        #expect(message.hasPrefix("kafka.\(name): "))
      }
    }
  }
}
