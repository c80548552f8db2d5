import CRdKafka

/// What tests do to the embedded broker: requests that fail, brokers that go, come or are slow, and partitions and
/// groups that move from one to another.
extension EmbeddedBroker {
  /// Makes the next requests of a kind fail with these codes, in order, whichever broker they reach. A code of
  /// librdkafka's own, such as -195 (transport), closes the connection after the request was carried out: a lost
  /// acknowledgement.
  /// - Parameter apiKey: the protocol's number of the request, e.g. 0 for Produce, 26 for EndTxn.
  package func failNextRequests(apiKey: Int16, with codes: [Int32]) {
    var errors = codes.map { rd_kafka_resp_err_t(rawValue: $0) }
    unsafe errors.withUnsafeMutableBufferPointer {
      unsafe rd_kafka_mock_push_request_errors_array(cluster.pointer, apiKey, $0.count, $0.baseAddress)
    }
  }

  /// Makes the next requests of a kind that reach one broker fail with these codes, in order.
  /// - Parameter delayMilliseconds: how long each of these answers takes.
  package func failNextRequests(
    apiKey: Int16, with codes: [Int32], broker: Int32, delayMilliseconds: Int32 = 0
  ) {
    for code in codes {
      _ = unsafe understudy_mock_push_error(
        cluster.pointer, broker, apiKey, rd_kafka_resp_err_t(rawValue: code), delayMilliseconds)
    }
  }

  /// Requests of a kind fail no more.
  package func forgive(apiKey: Int16) {
    unsafe rd_kafka_mock_clear_request_errors(cluster.pointer, apiKey)
  }

  /// How many requests of a kind that one broker was told to fail have not come yet.
  package func failuresLeft(apiKey: Int16, broker: Int32) -> Int {
    var count = 0
    let code = unsafe rd_kafka_mock_broker_error_stack_cnt(cluster.pointer, broker, apiKey, &count)
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? count : 0
  }

  /// Has a topic's metadata, and transactions that are to write to it, fail with this code until it is 0 again.
  package func setTopicError(_ topic: String, code: Int32) {
    unsafe rd_kafka_mock_topic_set_error(cluster.pointer, topic, rd_kafka_resp_err_t(rawValue: code))
  }

  /// Takes a broker away, or brings it back. What it leads and coordinates does not move by itself.
  package func setDown(_ isDown: Bool, broker: Int32 = 1) {
    _ =
      unsafe isDown
      ? rd_kafka_mock_broker_set_down(cluster.pointer, broker) : rd_kafka_mock_broker_set_up(cluster.pointer, broker)
  }

  /// Has every answer of a broker take this long.
  package func setRoundTrip(milliseconds: Int32, broker: Int32) {
    _ = unsafe rd_kafka_mock_broker_set_rtt(cluster.pointer, broker, milliseconds)
  }

  /// Moves a partition to another broker.
  package func setLeader(_ topic: String, _ partition: Int32, broker: Int32) {
    _ = unsafe rd_kafka_mock_partition_set_leader(cluster.pointer, topic, partition, broker)
  }

  /// Moves a group, or a transactional id, to another coordinator.
  package func setCoordinator(_ key: CoordinatorKey, broker: Int32) {
    let (type, name) = key.names
    _ = unsafe rd_kafka_mock_coordinator_set(cluster.pointer, type, name, broker)
  }

  /// What a broker coordinates.
  package enum CoordinatorKey: Sendable {
    /// A consumer group, by its id.
    case group(String)
    /// A producer's transactions, by its transactional id.
    case transaction(String)

    fileprivate var names: (type: String, key: String) {
      switch self {
      case .group(let id): ("group", id)
      case .transaction(let id): ("transaction", id)
      }
    }
  }
}
