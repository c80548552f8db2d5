import CRdKafka

extension Client {
  /// Partitions and replicas of those topics that exist, without their configuration. Asks for all topics, since asking
  /// for one by name may create it.
  func shapes(of topics: [String], timeoutMilliseconds: Int32) throws(KafkaError) -> [String: ActualTopic] {
    var metadata: UnsafePointer<rd_kafka_metadata>?
    let code = unsafe rd_kafka_metadata(pointer, 1, nil, &metadata, timeoutMilliseconds)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata = unsafe metadata else {
      throw .retry("cannot list topics: \(describe(code)); are the brokers up?")
    }
    defer { unsafe rd_kafka_metadata_destroy(metadata) }
    let wanted = Set(topics)
    var shapes: [String: ActualTopic] = [:]
    for index in 0..<Int(unsafe metadata.pointee.topic_cnt) {
      let topic = unsafe metadata.pointee.topics[index]
      guard let cName = unsafe topic.topic else { continue }
      let name = unsafe String(cString: cName)
      guard wanted.contains(name) else { continue }
      let problem = unsafe topic.err
      guard problem == RD_KAFKA_RESP_ERR_NO_ERROR else { throw .retry("\(name): \(describe(problem))") }
      let count = Int(unsafe topic.partition_cnt)
      let replicas = unsafe count > 0 ? Int(topic.partitions[0].replica_cnt) : 0
      shapes[name] = ActualTopic(partitions: count, replicas: replicas)
    }
    return shapes
  }

  /// The ids of the brokers that are up.
  func brokers(timeoutMilliseconds: Int32) throws(KafkaError) -> [Int32] {
    var metadata: UnsafePointer<rd_kafka_metadata>?
    let code = unsafe rd_kafka_metadata(pointer, 0, nil, &metadata, timeoutMilliseconds)
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata = unsafe metadata else {
      throw .retry("no broker answers: \(describe(code)); are the brokers up?")
    }
    defer { unsafe rd_kafka_metadata_destroy(metadata) }
    return (0..<Int(unsafe metadata.pointee.broker_cnt)).map { unsafe metadata.pointee.brokers[$0].id }
  }
}
