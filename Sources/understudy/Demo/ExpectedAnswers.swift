import Domain
import Serving
import Wire

/// Computes what a release answers to rows, without a broker.
enum ExpectedAnswers {
  /// The outputs for each context.
  static func compute(_ release: LoadedRelease, contexts: [[UInt8]]) throws -> [Account.Outputs] {
    let table = RoutingTable()
    let model = release.identity.model
    table.publish([model: ModelRoute(live: release, generation: 1, pinnable: [:])])
    let pipeline = Pipeline(
      table: table, policy: ServingPolicy(worker: "demo", group: "demo", defaultModel: model), lane: 0,
      decoder: JSONRequestDecoder(), encoder: JSONResponseEncoder(), destinations: NoDestinations(),
      counters: ServingCounters())
    var batch = RecordBatch()
    let topic = batch.topicPosition("rows")
    for (offset, context) in contexts.enumerated() {
      let value = unsafe batch.append(context.span.bytes)
      batch.appendRecord(topic: topic, partition: 0, offset: Int64(offset), timestamp: 0, key: nil, value: value)
    }
    batch.seal()
    var responses = ResponseBatch()
    _ = pipeline.beginTransaction(1)
    pipeline.process(batch, into: &responses)
    var answers: [Account.Outputs] = []
    for record in responses.records {
      guard case .response(let range)? = record.value, record.destination == .responses else { continue }
      let bytes = Array(responses.bytes[range])
      guard let outputs = Account.outputs(try JSON(parsing: bytes)) else {
        throw CommandFailure.failed(
          "\(release.identity) does not answer the demo's rows: \(String(decoding: bytes, as: UTF8.self))")
      }
      answers.append(outputs)
    }
    return answers
  }

  /// Room for everything, and no reply topics.
  private final class NoDestinations: Destinations {
    func partitionCount(ofReplyTopic topic: String) -> Int32? { nil }
    func byteLimit(of destination: ResponseBatch.Destination) -> Int { .max }
    var responsePartitionCount: Int32 { 1 }
    var deadLetterPartitionCount: Int32 { 1 }
  }
}
