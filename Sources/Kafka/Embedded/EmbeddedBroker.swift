import CRdKafka
import Domain
import Logging

/// A broker inside of this process: librdkafka's mock cluster, real TCP on a port of its own choice on 127.0.0.1.
///
/// For trying and testing, not for keeping: records live in memory, 5 MiB or 100 000 batches a partition, and are gone
/// with the process; transactions are accepted but not isolated, and their offsets are not stored.
@safe package final class EmbeddedBroker: Sendable {
  private let client: Client
  private let cluster: Cluster

  /// Starts the broker and creates topics. Topics that are not created here come into being with four partitions when a
  /// client first names them.
  package init(topics: [(name: String, partitions: Int)], logger: Logger) throws(KafkaError) {
    client = unsafe try Client(
      .producer, user: ClientProperties([:]), defaults: [:],
      overrides: ["client.id": "understudy-broker", "socket.nagle.disable": "true"], logger: logger)
    guard let pointer = unsafe rd_kafka_mock_cluster_new(client.pointer, 1) else {
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

  /// Makes the next requests of a kind fail with these codes, in order. A code of librdkafka's own, such as -195
  /// (transport), closes the connection after the request was carried out: a lost acknowledgement.
  /// - Parameter apiKey: the protocol's number of the request, e.g. 0 for Produce, 26 for EndTxn.
  package func failNextRequests(apiKey: Int16, with codes: [Int32]) {
    var errors = codes.map { rd_kafka_resp_err_t(rawValue: $0) }
    unsafe errors.withUnsafeMutableBufferPointer {
      unsafe rd_kafka_mock_push_request_errors_array(cluster.pointer, apiKey, $0.count, $0.baseAddress)
    }
  }

  /// Requests of a kind fail no more.
  package func forgive(apiKey: Int16) {
    unsafe rd_kafka_mock_clear_request_errors(cluster.pointer, apiKey)
  }

  /// Takes the broker away, or brings it back.
  package func setDown(_ isDown: Bool) {
    _ =
      unsafe isDown
      ? rd_kafka_mock_broker_set_down(cluster.pointer, 1) : rd_kafka_mock_broker_set_up(cluster.pointer, 1)
  }

  /// librdkafka guards the cluster by a lock of its own.
  @safe private struct Cluster: @unchecked Sendable {
    let pointer: OpaquePointer
  }
}
