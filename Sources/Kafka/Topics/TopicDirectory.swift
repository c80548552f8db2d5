import CRdKafka
import Domain
import Logging

/// What topics a cluster has.
package final class TopicDirectory {
  private let client: Client
  private let logger: Logger

  /// A view of a cluster.
  package init(properties: ClientProperties, logger: Logger) throws(KafkaError) {
    self.logger = logger
    client = unsafe try Client(
      .producer, user: properties, defaults: ["reconnect.backoff.ms": "100"],
      overrides: ["client.id": "understudy-topics"],
      logger: logger)
  }

  /// Partition counts of every topic by name.
  /// - Parameter waiting: how long brokers that do not answer are waited for.
  package func partitionCounts(waiting: Duration) throws(KafkaError) -> [String: Int32] {
    let deadline = ContinuousClock.now + waiting
    var saidSo = false
    while true {
      do throws(KafkaError) { return try client.partitionCounts(timeoutMilliseconds: 5000) } catch {
        guard ContinuousClock.now < deadline else {
          throw .retry("no broker answers: \(error); check kafka.bootstrap.servers and whether the brokers are up")
        }
        if !saidSo { logger.notice("waiting for the brokers", metadata: ["error": "\(error)"]) }
        saidSo = true
      }
    }
  }
}
