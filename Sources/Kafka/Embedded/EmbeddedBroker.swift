import CRdKafka
import Domain
import Logging

/// A broker inside of this process, or a few of them: librdkafka's mock cluster, real TCP on ports of its own choice on
/// 127.0.0.1.
///
/// For trying and testing, not for keeping: records live in memory, 5 MiB or 100 000 batches a partition, and are gone
/// with the process; transactions are accepted but not isolated, and their offsets are not stored.
@safe package final class EmbeddedBroker: Sendable {
  private let client: Client
  let cluster: Cluster

  /// Starts the broker and creates topics. Topics that are not created here come into being with four partitions when a
  /// client first names them.
  /// - Parameter brokers: how many there are, numbered from 1.
  package init(topics: [(name: String, partitions: Int)], brokers: Int = 1, logger: Logger) throws(KafkaError) {
    client = unsafe try Client(
      .producer, user: ClientProperties([:]), defaults: [:],
      overrides: ["client.id": "understudy-broker", "socket.nagle.disable": "true"], logger: logger)
    guard let pointer = unsafe rd_kafka_mock_cluster_new(client.pointer, Int32(brokers)) else {
      throw .stop("the embedded broker could not be started")
    }
    unsafe cluster = Cluster(pointer: pointer)
    for topic in topics { try create(topic.name, partitions: topic.partitions) }
  }

  deinit {
    unsafe rd_kafka_mock_cluster_destroy(cluster.pointer)
  }

  /// Creates a topic; one that is there already stays as it is.
  package func create(_ topic: String, partitions: Int) throws(KafkaError) {
    let code = unsafe rd_kafka_mock_topic_create(cluster.pointer, topic, Int32(partitions), 1)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS else {
      throw .stop("the embedded broker could not create \(topic): \(describe(code))")
    }
  }

  /// Where clients connect.
  package var bootstrapServers: String {
    guard let text = unsafe rd_kafka_mock_cluster_bootstraps(cluster.pointer) else { return "" }
    return unsafe String(cString: text)
  }

  /// librdkafka guards the cluster by a lock of its own.
  @safe struct Cluster: @unchecked Sendable {
    let pointer: OpaquePointer
  }
}
