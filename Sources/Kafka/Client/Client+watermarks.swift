import CRdKafka
import Domain

extension Client {
  /// The oldest offset of a partition and the one behind the newest, for `read_committed` the newest that is decided.
  ///
  /// A partition may have no leader for a moment, or another one than the client knows: that is asked again for 15 s.
  func watermarks(topic: String, partition: Int32) throws(KafkaError) -> (low: Int64, high: Int64) {
    let deadline = ContinuousClock.now + .seconds(15)
    while true {
      var (low, high): (Int64, Int64) = (0, 0)
      let code = unsafe rd_kafka_query_watermark_offsets(pointer, topic, partition, &low, &high, 10_000)
      if code == RD_KAFKA_RESP_ERR_NO_ERROR { return (low, high) }
      let isPassing =
        [
          RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
          RD_KAFKA_RESP_ERR__TRANSPORT,
        ].contains(code)
      guard isPassing, ContinuousClock.now < deadline else {
        throw .retry("cannot read the ends of \(topic)-\(partition): \(describe(code))")
      }
      rest(for: .milliseconds(100))
    }
  }
}
