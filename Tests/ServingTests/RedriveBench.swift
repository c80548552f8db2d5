import Domain
import Serving

/// A redrive without a broker: letters in, requests out.
struct RedriveBench {
  var filter = RedriveFilter()
  var targets: [String: RedriveProcessor.Target] = ["requests": .init(partitions: 8, byteLimit: 1_048_588)]

  /// A request that went back.
  struct Sent: Equatable {
    var topic: String
    var partition: Int32
    var record: TopicRecord
  }

  func run(_ letters: [TopicRecord]) -> (sent: [Sent], report: RedriveReport) {
    let counts = RedriveCounts()
    let processor = RedriveProcessor(filter, targets: targets, counts: counts)
    var batch = RecordBatch()
    for letter in letters { batch.append(letter, of: "dead-letters") }
    batch.seal()
    var responses = ResponseBatch()
    _ = processor.beginTransaction(1)
    processor.process(batch, into: &responses)
    counts.commit()
    var sent: [Sent] = []
    for record in responses.records {
      guard case .reply(let topic) = record.destination else { continue }
      var copy = TopicRecord()
      if record.keepsKey { copy.key = batch.records[record.request].key.map { Array(batch.bytes[$0]) } }
      copy.value = Self.bytes(record.value, batch)
      for header in responses.headers[record.headers] {
        guard case .request(let name) = header.name else { continue }
        copy.headers.append(
          RecordHeader(String(decoding: batch.bytes[name], as: UTF8.self), Self.bytes(header.value, batch)))
      }
      sent.append(Sent(topic: topic, partition: record.partition, record: copy))
    }
    return (sent, counts.report)
  }

  private static func bytes(_ source: ResponseBatch.Source?, _ batch: borrowing RecordBatch) -> [UInt8]? {
    guard case .request(let range)? = source else { return nil }
    return Array(batch.bytes[range])
  }

  /// The headers that a worker puts behind a request's own.
  static func added(
    topic: String = "requests", partition: String = "5", reason: String = "decode_failed", version: String? = "1",
    failedAt: String = "2026-11-20T10:00:00Z", truncated: String? = nil
  ) -> [RecordHeader] {
    var headers = [
      RecordHeader("__connect.errors.topic", topic), RecordHeader("__connect.errors.partition", partition),
      RecordHeader("__connect.errors.offset", "7"), RecordHeader("__connect.errors.stage", "DECODE"),
      RecordHeader("__connect.errors.exception.class.name", reason),
      RecordHeader("__connect.errors.exception.message", "why"), RecordHeader("x-error-reason", reason),
    ]
    if let version { headers.append(RecordHeader("x-model-version", version)) }
    headers.append(RecordHeader("x-failed-at", failedAt))
    if let truncated { headers.append(RecordHeader("x-truncated", truncated)) }
    return headers
  }
}
