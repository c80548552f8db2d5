import CRdKafka
import Domain

extension Client {
  /// The oldest offset of a partition and the one behind the newest, for `read_committed` the newest that is decided.
  ///
  /// A partition may have no leader for a moment, or another one than the client knows, or one that is not ready to
  /// tell: that is asked again for 15 s.
  ///
  /// Two requests of one offset each. `rd_kafka_query_watermark_offsets` of librdkafka 2.0.2 sends two as well, but when
  /// one of them fails and the other does not, it may report success and give the one offset for both: a new group would
  /// begin at the end, or a lane that reads to the ends would stop at the beginning.
  func watermarks(topic: String, partition: Int32) throws(KafkaError) -> (low: Int64, high: Int64) {
    let deadline = ContinuousClock.now + .seconds(15)
    let low = try bound(Int64(RD_KAFKA_OFFSET_BEGINNING), topic, partition, until: deadline)
    let high = try bound(Int64(RD_KAFKA_OFFSET_END), topic, partition, until: deadline)
    // Old records may be deleted between the two.
    return (low, max(low, high))
  }

  /// - Parameter which: the oldest or the newest, as the protocol's ListOffsets has them in place of a time.
  private func bound(
    _ which: Int64, _ topic: String, _ partition: Int32, until deadline: ContinuousClock.Instant
  ) throws(KafkaError) -> Int64 {
    while true {
      let list = OpaqueOffsets()
      list.append(topic: topic, partition: partition, offset: which)
      var code = unsafe rd_kafka_offsets_for_times(pointer, list.pointer, 10_000)
      if code == RD_KAFKA_RESP_ERR_NO_ERROR { code = list.firstError }
      if code == RD_KAFKA_RESP_ERR_NO_ERROR, list.offset(0) >= 0 { return list.offset(0) }
      if isDenial(code) { throw .denied("cannot read the ends of \(topic)-\(partition)", code) }
      let isPassing =
        [
          // An answer without an offset.
          RD_KAFKA_RESP_ERR_NO_ERROR,
          RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
          RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE,
          RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
          RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_UNKNOWN, RD_KAFKA_RESP_ERR__TRANSPORT,
        ].contains(code)
      guard isPassing, ContinuousClock.now < deadline else {
        throw .retry("cannot read the ends of \(topic)-\(partition): \(describe(code))")
      }
      rest(for: .milliseconds(100))
    }
  }
}
