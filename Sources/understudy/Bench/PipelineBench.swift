import AdminAPI
import Domain
import Serving
import Wire

/// Sends batches that lie in memory through the very pipeline of a worker, without a broker: decoder, stages, checks,
/// guard and encoder, put together as a lane has them.
///
/// The batches are made once and gone through round and round, so that a long run costs nothing that a short one does
/// not, but for the batches themselves.
final class PipelineBench {
  private let pipeline: Pipeline
  private let metrics = PrometheusMetrics()
  private let counters = ServingCounters()
  private let batches: [Batch]
  private let rows: Int
  private var responses = ResponseBatch()

  /// How long to go on.
  enum Goal: Sendable {
    /// Until so many records were answered; whole batches.
    case records(Int)
    case duration(Duration)
  }

  /// A batch; a class, because arrays hold only what can be copied.
  private final class Batch {
    let content: RecordBatch
    let count: Int

    init(_ content: consuming RecordBatch) {
      count = content.records.count
      self.content = content
    }
  }

  /// Batches that are made: as many as one transaction of a lane takes at most.
  private static let batchCount = 8

  /// A bench.
  /// - Parameters:
  ///   - releases: what is live, one for each model; the first model is the default.
  ///   - batch: records of each batch.
  ///   - runRows: rows of a run of the stages; nil to find them by experiment, as a worker does.
  init(_ releases: [LoadedRelease], requests: BenchRequests, batch: Int, runRows: Int? = nil) {
    if let runRows { for release in releases { release.keep(RunSize(given: runRows)) } }
    let defaultModel = releases.first?.identity.model ?? ""
    let table = RoutingTable()
    table.publish(
      Dictionary(
        releases.map { ($0.identity.model, ModelRoute(live: $0, generation: 1, pinnable: [:])) },
        uniquingKeysWith: { first, _ in first }))
    pipeline = Pipeline(
      table: table, policy: ServingPolicy(worker: "bench", group: "bench", defaultModel: defaultModel), lane: 0,
      decoder: JSONRequestDecoder(), encoder: JSONResponseEncoder(), destinations: NoDestinations(),
      counters: counters, metrics: ServingMetrics(factory: metrics), averages: MovingAverages())
    rows = requests.rows
    batches = (0..<Self.batchCount).map { number in
      Batch(Self.batch(requests, (number * batch)..<((number + 1) * batch), defaultModel))
    }
  }

  private static func batch(_ requests: BenchRequests, _ numbers: Range<Int>, _ defaultModel: String) -> RecordBatch {
    var batch = RecordBatch()
    let topic = batch.topicPosition("bench")
    for number in numbers {
      let body = requests[number]
      if body.model != defaultModel {
        let name = batch.append(Array("x-model".utf8))
        batch.appendHeader(name: name, value: batch.append(Array(body.model.utf8)))
      }
      let value = batch.append(body.bytes)
      batch.appendRecord(
        topic: topic, partition: 0, offset: Int64(number), timestamp: 0, key: nil, value: value)
    }
    batch.seal()
    return batch
  }

  /// Answers every batch once, and returns the values of the answers in the order of the requests. Warms up what is made
  /// once: columns, buffers, what the engine keeps.
  func answers() -> [[UInt8]] {
    var answers: [[UInt8]] = []
    _ = pipeline.beginTransaction(1)
    for batch in batches {
      responses.removeAll()
      pipeline.process(batch.content, into: &responses)
      for record in responses.records where record.destination == .responses {
        if case .response(let range)? = record.value { answers.append(Array(responses.bytes[range])) }
      }
    }
    return answers
  }

  /// Answers of status error so far.
  var errors: Int { Int(counters.snapshot.error) }

  /// The first of some answers that is an error.
  func firstError(of answers: [[UInt8]]) -> String? {
    guard errors > 0 else { return nil }
    let error = answers.first { answer in
      guard let json = try? JSON(parsing: answer) else { return true }
      return json["status"] == .text("error") || json["error"] != nil
    }
    return error.map { String(decoding: $0.prefix(400), as: UTF8.self) } ?? "an answer that cannot be read"
  }

  /// Goes round until the goal is reached, or until it is interrupted between two batches.
  func run(_ goal: Goal, isInterrupted: () -> Bool) -> PipelineFigures {
    let earlier = (steps: StepTimes(metrics.families), counts: counters.snapshot)
    let started = ContinuousClock.now
    var (done, records) = (0, 0)
    while !isReached(goal, records, since: started), !isInterrupted() {
      let batch = batches[done % Self.batchCount]
      if done % Self.batchCount == 0 { _ = pipeline.beginTransaction(UInt64(done)) }
      responses.removeAll()
      pipeline.process(batch.content, into: &responses)
      done += 1
      records += batch.count
    }
    let seconds = Double(started.duration(to: .now).nanoseconds) / 1e9
    let counts = counters.snapshot
    return PipelineFigures(
      batches: done, records: records, rows: records * rows, seconds: seconds,
      steps: StepTimes(metrics.families).since(earlier.steps),
      answered: Int(counts.requests - earlier.counts.requests), errors: Int(counts.error - earlier.counts.error))
  }

  private func isReached(_ goal: Goal, _ records: Int, since start: ContinuousClock.Instant) -> Bool {
    switch goal {
    case .records(let wanted): records >= wanted
    case .duration(let duration): start.duration(to: .now) >= duration
    }
  }
}
