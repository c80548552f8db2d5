import Domain
import Serving
import Wire

/// One lane's data path with real codecs; everything around it is the test's.
final class Bench {
  let table = RoutingTable()
  let destinations = FakeDestinations()
  let counters = ServingCounters()
  let pipeline: Pipeline
  private var nextOffset: Int64 = 0

  init(
    _ policy: ServingPolicy = ServingPolicy(worker: "w-0", group: "g", defaultModel: "loan"),
    averages: MovingAverages? = nil
  ) {
    pipeline = Pipeline(
      table: table, policy: policy, lane: 3, decoder: JSONRequestDecoder(), encoder: JSONResponseEncoder(),
      destinations: destinations, counters: counters, averages: averages)
  }

  /// A bench where releases serve: the first of each model is live, the others can be pinned.
  convenience init(
    _ releases: [LoadedRelease], policy: ServingPolicy = ServingPolicy(worker: "w-0", group: "g", defaultModel: "loan")
  ) {
    self.init(policy)
    publish(releases)
    _ = pipeline.beginTransaction(1)
  }

  @discardableResult
  func publish(_ releases: [LoadedRelease], generation: Int = 7) -> UInt64 {
    let routes = Dictionary(grouping: releases, by: \.identity.model).mapValues { releases in
      ModelRoute(
        live: releases.first, generation: generation,
        pinnable: Dictionary(uniqueKeysWithValues: releases.map { ($0.identity.version, $0) }))
    }
    return table.publish(routes)
  }

  /// A record of a request.
  struct Request {
    var value: [UInt8]?
    var key: [UInt8]?
    var headers: [RecordHeader]
    var topic = "requests"
    var partition: Int32
    /// Of a request that is alone in its batch.
    var condemnation: Condemnation?

    init(_ value: String?, key: String? = "k", _ headers: [RecordHeader] = [], partition: Int32 = 5) {
      self.value = value.map { Array($0.utf8) }
      self.key = key.map { Array($0.utf8) }
      self.headers = headers
      self.partition = partition
    }
  }

  /// A record that was made, with everything in place of where it lies.
  struct Answer {
    var request: Int
    var destination: ResponseBatch.Destination
    var partition: Int32
    var value: [UInt8]?
    var headers: [RecordHeader]
    var keepsKey: Bool

    var text: String { String(decoding: value ?? [], as: UTF8.self) }
    func header(_ name: String) -> String? {
      headers.last { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
    }
  }

  /// Answers a batch; offsets go on from the last one.
  func send(_ requests: [Request]) -> [Answer] {
    var batch = RecordBatch()
    for request in requests { append(request, to: &batch) }
    batch.seal()
    var responses = ResponseBatch()
    pipeline.process(batch, into: &responses)
    return responses.records.map { record in
      var answer = Answer(
        request: record.request, destination: record.destination, partition: record.partition, headers: [],
        keepsKey: record.keepsKey)
      answer.value = Self.bytes(record.value, batch, responses)
      for header in responses.headers[record.headers] {
        let name =
          switch header.name {
          case .known(let name): "\(name)"
          case .request(let range): String(decoding: batch.bytes[range], as: UTF8.self)
          }
        answer.headers.append(RecordHeader(name, Self.bytes(header.value, batch, responses)))
      }
      return answer
    }
  }

  func send(_ value: String?, _ headers: [RecordHeader] = []) -> [Answer] { send([Request(value, headers)]) }

  private func append(_ request: Request, to batch: inout RecordBatch) {
    let topic = batch.topicPosition(request.topic)
    let key = Self.copy(request.key, to: &batch)
    let value = Self.copy(request.value, to: &batch)
    for header in request.headers {
      let name = Self.copy(Array(header.name.utf8), to: &batch) ?? 0..<0
      batch.appendHeader(name: name, value: Self.copy(header.value, to: &batch))
    }
    batch.appendRecord(
      topic: topic, partition: request.partition, offset: nextOffset, timestamp: 1, key: key, value: value)
    nextOffset += 1
    if let condemnation = request.condemnation { batch.isolateLast(condemnation: condemnation) }
  }

  private static func copy(_ bytes: [UInt8]?, to batch: inout RecordBatch) -> Range<Int>? {
    guard let bytes else { return nil }
    return unsafe batch.append(bytes.span.bytes)
  }

  private static func bytes(
    _ source: ResponseBatch.Source?, _ batch: borrowing RecordBatch, _ responses: borrowing ResponseBatch
  ) -> [UInt8]? {
    switch source {
    case .request(let range)?: Array(batch.bytes[range])
    case .response(let range)?: Array(responses.bytes[range])
    case .constant(let text)?: Array("\(text)".utf8)
    case nil: nil
    }
  }
}
