import CRdKafka

/// A list of partitions with offsets, as librdkafka takes it.
@safe struct OpaqueOffsets: ~Copyable {
  let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>
  private let isOwned: Bool

  /// An empty list.
  init() {
    unsafe pointer = rd_kafka_topic_partition_list_new(8)
    isOwned = true
  }

  /// A list that librdkafka lends, e.g. to a callback.
  init(borrowed pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
    unsafe self.pointer = pointer
    isOwned = false
  }

  /// A list that librdkafka hands over.
  init(owned pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) {
    unsafe self.pointer = pointer
    isOwned = true
  }

  deinit {
    if isOwned { unsafe rd_kafka_topic_partition_list_destroy(pointer) }
  }

  var count: Int { Int(unsafe pointer.pointee.cnt) }

  func topic(_ index: Int) -> String {
    guard let name = unsafe pointer.pointee.elems[index].topic else { return "" }
    return unsafe String(cString: name)
  }

  func partition(_ index: Int) -> Int32 { unsafe pointer.pointee.elems[index].partition }

  func offset(_ index: Int) -> Int64 { unsafe pointer.pointee.elems[index].offset }

  func error(_ index: Int) -> rd_kafka_resp_err_t { unsafe pointer.pointee.elems[index].err }

  /// The first error of a partition, or no error.
  var firstError: rd_kafka_resp_err_t {
    for index in 0..<count where error(index) != RD_KAFKA_RESP_ERR_NO_ERROR { return error(index) }
    return RD_KAFKA_RESP_ERR_NO_ERROR
  }

  func setOffset(_ offset: Int64, at index: Int) { unsafe pointer.pointee.elems[index].offset = offset }

  func append(topic: String, partition: Int32, offset: Int64 = -1001) {
    guard let element = unsafe rd_kafka_topic_partition_list_add(pointer, topic, partition) else { return }
    unsafe element.pointee.offset = offset
  }
}
