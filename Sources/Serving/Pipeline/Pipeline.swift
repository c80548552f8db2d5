import Domain

/// The data path of one lane: route → decode → features → model → scoring → guard → encode.
///
/// Rows of one release are scored together, of a batch that would take too much memory in several goes; answers keep the
/// order of the records. Everything is reused from batch to
/// batch.
package final class Pipeline: RecordProcessor {
  private let table: RoutingTable
  private let router: RequestRouter
  private let policy: ServingPolicy
  private let decoder: any RequestDecoder
  private let encoder: any ResponseEncoder
  private let destinations: any Destinations
  private let counters: ServingCounters
  private let writer: AnswerWriter
  private let metrics: ServingMetrics
  private let averages: MovingAverages?
  private let style: AnswerStyle
  /// Responses of requests that no release answers: the first ones those of models that are not served, then by model.
  private var unanswered: [ResponseCounters]
  private let unansweredPositions: [String: Int]

  private var snapshot = RoutingSnapshot.empty
  private var requests = RequestTable()
  private var scratches: [ReleaseScratch] = []
  private var routes: [Routed] = []
  /// By the release that they stand in for.
  private var fallbacks: [ObjectIdentifier: FallbackChain] = [:]
  private var batchLimit = TimedLimit(milliseconds: Limits.batchMilliseconds, first: Limits.firstBatchRecords)
  private var now = WallClock.milliseconds
  /// Whether the batch was given up while it was decoded.
  private var isOverdue = false
  /// Whether a release holds as many rows as it may at once.
  private var isFull = false
  /// Bytes of the largest request of the batch.
  private var largestRequest = 0
  /// Bytes of requests that are decoded between two looks at the clock: mostly about a tenth of a millisecond.
  private static let bytesBetweenLooks = 1 << 17

  /// Who answers a record and where to. Records that go the same way share one, so that a row counts few references.
  final class Route {
    /// Who answers; nil if nobody can.
    let scratch: ReleaseScratch?
    let model: String
    let destination: ResponseBatch.Destination

    init(_ scratch: ReleaseScratch?, model: String, to destination: ResponseBatch.Destination) {
      self.scratch = scratch
      self.model = model
      self.destination = destination
    }
  }

  /// What was decided for a record.
  struct Routed {
    let route: Route
    let partition: Int32
  }

  /// A data path.
  /// - Parameters:
  ///   - averages: the series that outputs are held near; nil where nothing is to be held, or learned.
  ///   - style: what answers are made for.
  package init(
    table: RoutingTable, policy: ServingPolicy, lane: Int, decoder: any RequestDecoder, encoder: any ResponseEncoder,
    destinations: any Destinations, counters: ServingCounters, metrics: ServingMetrics = ServingMetrics(),
    averages: MovingAverages? = nil, style: AnswerStyle = .served
  ) {
    self.table = table
    self.policy = policy
    self.decoder = decoder
    self.encoder = encoder
    self.destinations = destinations
    self.counters = counters
    self.metrics = metrics
    self.averages = averages
    self.style = style
    let models = ["other"] + Set(policy.defaultModels.values).union([policy.defaultModel]).sorted()
    unanswered = models.map { metrics.responses(model: $0, version: nil) }
    unansweredPositions = Dictionary(
      zip(models, models.indices).map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
    router = RequestRouter(policy: policy)
    writer = AnswerWriter(policy: policy, lane: lane, encoder: encoder, destinations: destinations)
  }

  package var isSwitchWaiting: Bool { table.newestSerial != snapshot.serial }

  package var mayServe: Bool { !policy.waitsForRelease || snapshot.models[policy.defaultModel]?.live != nil }

  package func beginTransaction(_ number: UInt64) -> UInt64 {
    if isSwitchWaiting {
      snapshot = table.current
      // Lets go of releases that serve no more; the last batch's routes hold on to them too.
      scratches.removeAll()
      fallbacks.removeAll()
      routes.removeAll(keepingCapacity: true)
    }
    writer.beginTransaction(number, snapshot: snapshot.serial)
    return snapshot.serial
  }

  package var recordLimit: Int { batchLimit.value }

  package func process(_ batch: borrowing RecordBatch, into responses: inout ResponseBatch) {
    // Taken out for the time of the batch: what belongs to a function is not looked up and guarded at each access.
    var requests = RequestTable()
    swap(&requests, &self.requests)
    requests.removeAll()
    routes.removeAll(keepingCapacity: true)
    let started = ContinuousClock.now
    now = WallClock.milliseconds
    let deadline = started + .milliseconds(policy.batchDeadlineMilliseconds)
    largestRequest = batch.records.lazy.map { $0.value?.count ?? 0 }.max() ?? 0
    // Mostly all at once.
    var records = 0..<0
    repeat {
      records = answer(batch, from: records.upperBound, deadline, &requests, into: &responses)
    } while records.upperBound < batch.records.count
    batchLimit.note(batch.records.count, took: started.duration(to: .now))
    metrics.observeBatch(records: batch.records.count)
    metrics.count(requests.failures)
    metrics.count(requests.remarks)
    swap(&requests, &self.requests)
  }

  /// Answers as many records of a batch as there is memory for at once, at least one.
  /// - Returns: which.
  private func answer(
    _ batch: borrowing RecordBatch, from first: Int, _ deadline: ContinuousClock.Instant,
    _ requests: inout RequestTable, into responses: inout ResponseBatch
  ) -> Range<Int> {
    for scratch in scratches { scratch.removeAll() }
    let started = ContinuousClock.now
    let records = admit(batch, from: first, deadline, &requests)
    metrics.observeDecode(started.duration(to: .now))
    for (place, scratch) in scratches.enumerated() { run(scratch, at: place, &requests, deadline) }
    for scratch in scratches where !scratch.failedRows.isEmpty { fallBack(scratch, batch, deadline, &requests) }
    write(records, of: batch, &requests, into: &responses)
    return records
  }

  /// Has a release score its rows. Whatever those before it took, it has what a batch should take, or a quarter of what
  /// one may; but all of them together have a second more.
  private func run(
    _ scratch: ReleaseScratch, at place: Int, _ requests: inout RequestTable, _ deadline: ContinuousClock.Instant
  ) {
    let least = min(
      ContinuousClock.now + .milliseconds(min(Limits.batchMilliseconds, policy.batchDeadlineMilliseconds / 4)),
      deadline + .seconds(1))
    let hasFallback = policy.fallbacks[scratch.release.identity.model]?.isEmpty == false
    let isFollowed = scratches[(place + 1)...].contains { $0.columns.rowCount > 0 }
    let conditions = ReleaseScratch.Conditions(
      deadline: max(deadline, least), averages: averages, leavesTime: hasFallback || isFollowed)
    scratch.run(&requests, metrics, conditions)
  }

  /// Has others answer the rows that a release has failed.
  private func fallBack(
    _ scratch: ReleaseScratch, _ batch: borrowing RecordBatch, _ deadline: ContinuousClock.Instant,
    _ requests: inout RequestTable
  ) {
    guard let steps = policy.fallbacks[scratch.release.identity.model], !steps.isEmpty else { return }
    let identifier = ObjectIdentifier(scratch.release)
    let chain = fallbacks[identifier] ?? FallbackChain(steps, for: scratch.release, snapshot, metrics)
    fallbacks[identifier] = chain
    let rows = scratch.failedRows.map { scratch.owners[$0] }.sorted()
    chain.answer(rows, of: batch, &requests, decoder, deadline: deadline)
  }

  /// Writes the answers to records of a batch and counts them.
  private func write(
    _ records: Range<Int>, of batch: borrowing RecordBatch, _ requests: inout RequestTable,
    into responses: inout ResponseBatch
  ) {
    let started = ContinuousClock.now
    var counts = ServingCounters.Values()
    let routes = routes
    for position in records {
      let routed = routes[position]
      let status = writer.write(position, routed, of: batch, &requests, into: &responses)
      counts.requests += 1
      counts.count(status)
      if status == .error { counts.deadLetters += 1 }
      count(status, routed.route)
    }
    counters.add(counts)
    for scratch in scratches { scratch.responses.flush() }
    for position in unanswered.indices { unanswered[position].flush() }
    metrics.observeEncode(started.duration(to: .now))
  }

  private func count(_ status: ResponseStatus, _ route: Route) {
    if let scratch = route.scratch { return scratch.responses.count(status) }
    unanswered[unansweredPositions[route.model] ?? 0].count(status)
  }

  /// Routes and decodes records; appends exactly one request and one route for each. Ends where a release has as many rows
  /// as it may hold, and decodes nothing any more when the batch is given up.
  /// - Returns: which records.
  private func admit(
    _ batch: borrowing RecordBatch, from first: Int, _ deadline: ContinuousClock.Instant,
    _ requests: inout RequestTable
  ) -> Range<Int> {
    let partitionCount = max(1, destinations.responsePartitionCount)
    // Where a record without headers goes its topic says, and the next one of the topic goes there too.
    var (plainTopic, plain): (Int, Route?) = (-1, nil)
    var place = RecordPlace()
    // A look at the clock for each record would cost more than it tells.
    var unlooked = 0
    (isOverdue, isFull) = (first > 0 && ContinuousClock.now > deadline, false)
    for position in first..<batch.records.count {
      let record = batch.records[position]
      if isFull { return first..<position }
      unlooked += 1024 + (record.value?.count ?? 0)
      if unlooked >= Self.bytesBetweenLooks {
        unlooked = 0
        isOverdue = isOverdue || ContinuousClock.now > deadline
      }
      if let plain, plainTopic == record.topic, record.isPlain, let scratch = plain.scratch {
        decode(record, of: batch, into: scratch, &requests)
        routes.append(Routed(route: plain, partition: record.partition % partitionCount))
      } else {
        let routed = admit(record, of: batch, partitionCount, &requests)
        if record.isPlain { (plainTopic, plain) = (record.topic, routed.route) }
        routes.append(routed)
      }
      completeIdentifier(record, of: batch, &place, &requests)
    }
    return first..<batch.records.count
  }

  private func admit(
    _ record: RecordBatch.Record, of batch: borrowing RecordBatch, _ partitionCount: Int32,
    _ requests: inout RequestTable
  ) -> Routed {
    let reply = router.replyRoute(record, of: batch, destinations)
    var (destination, partition) = (ResponseBatch.Destination.responses, record.partition % partitionCount)
    if case .to(let place, let number) = reply { (destination, partition) = (place, number) }
    let route: Route
    switch router.route(record, of: batch, by: snapshot) {
    case .failure(let model, let reason, let message):
      refuse(record, of: batch, reason, message, .route, &requests)
      route = self.route(nil, model: model, to: destination)
    case .release(let release, let generation):
      let scratch = scratch(for: release, generation: generation)
      if let condemnation = record.condemnation {
        refuse(record, of: batch, .stageCrashed, condemnation.message, .route, &requests)
      } else if case .denied(let message) = reply {
        refuse(record, of: batch, .replyTopicDenied, message, .reply, &requests)
      } else if let (reason, message) = router.expiry(of: record, of: batch, at: now) {
        refuse(record, of: batch, reason, message, .route, &requests)
      } else {
        decode(record, of: batch, into: scratch, &requests)
      }
      route = self.route(scratch, model: release.identity.model, to: destination)
    }
    return Routed(route: route, partition: partition)
  }

  /// The route of the record before, if this one goes the same way.
  private func route(
    _ scratch: ReleaseScratch?, model: String, to destination: ResponseBatch.Destination
  ) -> Route {
    if let last = routes.last?.route, last.scratch === scratch, last.model == model, last.destination == destination {
      return last
    }
    return Route(scratch, model: model, to: destination)
  }

  private func scratch(for release: LoadedRelease, generation: Int) -> ReleaseScratch {
    if let known = scratches.first(where: { $0.release === release && $0.origin.generation == generation }) {
      return known
    }
    let identity = release.identity
    let new = ReleaseScratch(
      release, style: style, origin: style.origin(release, worker: policy.worker, generation: generation),
      responses: metrics.responses(model: identity.model, version: identity.version))
    scratches.append(new)
    if let rows = release.runSize.chosen { metrics.observe(runRows: rows, of: identity) }
    return new
  }

  private func decode(
    _ record: RecordBatch.Record, of batch: borrowing RecordBatch, into scratch: ReleaseScratch,
    _ requests: inout RequestTable
  ) {
    guard let value = record.value else {
      refuse(
        record, of: batch, .decodeFailed,
        "the record has no value; expected a JSON context, an array or an Open Inference body", .decode, &requests)
      return
    }
    guard !isOverdue else {
      return refuse(record, of: batch, .deadline, ReleaseScratch.overdue, .decode, &requests)
    }
    let firstRow = requests.rows.count
    batch.withBytes(value) { span in
      decoder.decode(span, schema: scratch.release.schema, columns: &scratch.columns, table: &requests)
    }
    // Outputs that a request chooses are none of the features.
    if style == .features { requests.requests[requests.requests.count - 1].outputs = 0..<0 }
    for row in firstRow..<requests.rows.count where requests.rows[row].columnRow != nil { scratch.addOwner(row) }
    if scratch.isFull(beside: largestRequest) { isFull = true }
  }

  private func refuse(
    _ record: RecordBatch.Record, of batch: borrowing RecordBatch, _ reason: ResponseReason, _ message: String,
    _ stage: ProcessingStage, _ requests: inout RequestTable
  ) {
    if let value = record.value, !(record.condemnation?.isUnreadable ?? false) {
      batch.withBytes(value) { decoder.decodeIdentifier($0, table: &requests) }
    } else {
      requests.requests.append(RequestTable.Request())
    }
    let failure = requests.addFailure(reason, message, stage: stage)
    requests.requests[requests.requests.count - 1].failure = failure
  }

  /// Body `id`, else `x-request-id`, else `<topic>-<partition>-<offset>`.
  private func completeIdentifier(
    _ record: RecordBatch.Record, of batch: borrowing RecordBatch, _ place: inout RecordPlace,
    _ requests: inout RequestTable
  ) {
    let position = requests.requests.count - 1
    guard requests.requests[position].identifier.isEmpty else { return }
    let start = requests.text.count
    if let range = batch.header("x-request-id", of: record), range.count <= Limits.identifierBytes {
      batch.withBytes(range) { encoder.appendString($0, to: &requests.text) }
    } else {
      place.move(to: record, of: batch)
      requests.text.append(contentsOf: place.text)
      appendDecimal(record.offset, to: &requests.text)
      requests.text.append(UInt8(ascii: "\""))
    }
    requests.requests[position].identifier = start..<requests.text.count
  }
}

/// How the identifiers of a partition's records begin, `"topic-partition-`. Records of one partition mostly come together.
private struct RecordPlace {
  private(set) var text: [UInt8] = []
  private var topic = -1
  private var partition: Int32 = -1

  /// To the partition of a record of the batch.
  mutating func move(to record: RecordBatch.Record, of batch: borrowing RecordBatch) {
    guard record.topic != topic || record.partition != partition else { return }
    (topic, partition) = (record.topic, record.partition)
    text.removeAll(keepingCapacity: true)
    text.append(UInt8(ascii: "\""))
    text.append(contentsOf: batch.topics[topic].utf8)
    text.append(UInt8(ascii: "-"))
    appendDecimal(Int64(partition), to: &text)
    text.append(UInt8(ascii: "-"))
  }
}

/// Appends a number that is not negative in decimal digits, without a `String`.
func appendDecimal(_ number: Int64, to text: inout [UInt8]) {
  let start = text.count
  var rest = UInt64(max(0, number))
  repeat {
    text.append(UInt8(ascii: "0") + UInt8(rest % 10))
    rest /= 10
  } while rest > 0
  // Not by a slice, which would be a copy.
  var (low, high) = (start, text.count - 1)
  while low < high {
    text.swapAt(low, high)
    low += 1
    high -= 1
  }
}
