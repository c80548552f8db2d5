import Domain

/// Answers requests with one release through the very pipeline that serves, without a broker: for the validity gate
/// for scoring files, and for whoever must know what a release says.
///
/// Belongs to one thread; its memory is reused from batch to batch.
package final class OfflineRunner {
  private let pipeline: Pipeline
  private var responses = ResponseBatch()

  /// The response to one request.
  package struct Answer: Sendable {
    package var status: ResponseStatus
    /// The response's value.
    package var bytes: [UInt8]
  }

  /// A runner.
  /// - Parameters:
  ///   - style: what the answers are for.
  ///   - decoder: of its own, as for a lane.
  ///   - encoder: of its own, as for a lane.
  package init(
    _ release: LoadedRelease, style: AnswerStyle = .judged, decoder: any RequestDecoder, encoder: any ResponseEncoder
  ) {
    let table = RoutingTable()
    let model = release.identity.model
    table.publish([model: ModelRoute(live: release, generation: 1, pinnable: [:])])
    pipeline = Pipeline(
      table: table,
      policy: ServingPolicy(
        worker: "offline", group: "offline", defaultModel: model,
        batchDeadlineMilliseconds: Self.deadlineMilliseconds), lane: 0,
      decoder: decoder, encoder: encoder, destinations: NoDestinations(), counters: ServingCounters(),
      style: style)
    _ = pipeline.beginTransaction(1)
  }

  /// A day: nobody waits for a single batch.
  private static let deadlineMilliseconds = 86_400_000

  /// Requests' bodies as a lane would have gathered them.
  /// - Parameters:
  ///   - source: stands in place of a topic in the identifiers of requests that have none.
  ///   - first: the offset of the first one.
  package static func batch(
    _ requests: some Sequence<[UInt8]>, source: String = "offline", first: Int64 = 0
  ) -> RecordBatch {
    var batch = RecordBatch()
    let topic = batch.topicPosition(source)
    var offset = first
    for request in requests {
      let value = batch.append(request)
      batch.appendRecord(topic: topic, partition: 0, offset: offset, timestamp: 0, key: nil, value: value)
      offset += 1
    }
    batch.seal()
    return batch
  }

  /// Does all the work of a batch and keeps its responses until the next one.
  package func process(_ batch: borrowing RecordBatch) {
    responses.removeAll()
    pipeline.process(batch, into: &responses)
  }

  /// The responses to the last batch, in the order of its requests.
  package var answers: [Answer] {
    var answers: [Answer] = []
    for record in responses.records where record.destination == .responses {
      guard case .response(let range)? = record.value else { continue }
      answers.append(Answer(status: status(of: record), bytes: Array(responses.bytes[range])))
    }
    return answers
  }

  /// Answers requests in one batch, in their order.
  package func answer(_ requests: some Sequence<[UInt8]>) -> [Answer] {
    process(Self.batch(requests))
    return answers
  }

  /// The first header is the status.
  private func status(of record: ResponseBatch.Record) -> ResponseStatus {
    guard case .constant(let text)? = responses.headers[record.headers].first?.value else { return .error }
    return ResponseStatus(rawValue: "\(text)") ?? .error
  }
}
