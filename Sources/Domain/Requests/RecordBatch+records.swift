/// Batches of records that were not read by a lane.
extension RecordBatch {
  /// Copies a record in.
  package mutating func append(_ record: TopicRecord, of topic: String) {
    let position = topicPosition(topic)
    let key = record.key.map { append($0) }
    let value = record.value.map { append($0) }
    for header in record.headers {
      let name = append(Array(header.name.utf8))
      appendHeader(name: name, value: header.value.map { append($0) })
    }
    appendRecord(
      topic: position, partition: record.partition, offset: record.offset, timestamp: record.timestamp, key: key,
      value: value)
  }
}
