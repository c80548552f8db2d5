import Domain

/// Writes the response of a request, and its dead letter if it failed, as records to produce.
final class AnswerWriter {
  private let policy: ServingPolicy
  private let lane: Int
  private let encoder: any ResponseEncoder
  private let destinations: any Destinations
  private var transaction: [UInt8] = []
  private var failureOrigins: [String: ResponseOrigin] = [:]

  init(policy: ServingPolicy, lane: Int, encoder: any ResponseEncoder, destinations: any Destinations) {
    self.policy = policy
    self.lane = lane
    self.encoder = encoder
    self.destinations = destinations
  }

  func beginTransaction(_ number: UInt64, snapshot: UInt64) {
    guard policy.addsTransactionHeader else { return }
    transaction = Array("\(policy.worker).\(lane).\(number).\(snapshot)".utf8)
  }

  /// Appends the records of one request.
  /// - Returns: the status that its response has.
  func write(
    _ position: Int, _ routed: Pipeline.Routed, of batch: borrowing RecordBatch, _ table: inout RequestTable,
    into responses: inout ResponseBatch
  ) -> ResponseStatus {
    let record = batch.records[position]
    let start = responses.bytes.count
    var status = encode(position, routed, table, into: &responses)
    let limit = destinations.byteLimit(of: routed.route.destination)
    let key = record.key?.count ?? 0
    var keepsKey = true
    if responses.bytes.count - start + key + echoedBytes(record, of: batch) > limit {
      let size = responses.bytes.count - start
      responses.bytes.removeSubrange(start...)
      let failure = table.addFailure(
        .tooLarge, "the response would have \(size) bytes with a key of \(key); the topic takes \(limit)",
        stage: .encode)
      table.requests[position].failure = failure
      status = encode(position, routed, table, into: &responses)
      keepsKey = responses.bytes.count - start + key + echoedBytes(record, of: batch) <= limit
    }
    let value = start..<responses.bytes.count
    appendHeaders(status, record, of: batch, echoes: keepsKey, into: &responses)
    responses.appendRecord(
      request: position, destination: routed.route.destination, partition: routed.partition, value: .response(value),
      keepsKey: keepsKey)
    if status == .error { writeDeadLetter(position, routed, record, of: batch, table, into: &responses) }
    return status
  }

  private func encode(
    _ position: Int, _ routed: Pipeline.Routed, _ table: borrowing RequestTable, into responses: inout ResponseBatch
  ) -> ResponseStatus {
    if let scratch = routed.route.scratch {
      return encoder.encode(
        position, of: table, columns: scratch.columns, origin: scratch.origin, into: &responses.bytes)
    }
    encoder.encodeFailure(position, of: table, origin: failureOrigin(routed.route.model), into: &responses.bytes)
    return .error
  }

  private func failureOrigin(_ model: String) -> ResponseOrigin {
    if let known = failureOrigins[model] { return known }
    if failureOrigins.count >= Limits.modelsPerWorker { failureOrigins.removeAll() }
    let origin = ResponseOrigin(model: model, version: nil, worker: policy.worker, generation: 0)
    failureOrigins[model] = origin
    return origin
  }

  // MARK: Headers

  private func echoedBytes(_ record: RecordBatch.Record, of batch: borrowing RecordBatch) -> Int {
    if record.headers.isEmpty { return 0 }
    return Self.echoedHeaders.reduce(0) { $0 + (batch.header($1, of: record)?.count ?? 0) }
  }

  /// What comes back as it came: the requester's own names, Spring's correlation, W3C's trace context.
  private static let echoedHeaders: [StaticString] = [
    "x-request-id", "kafka_correlationId", "traceparent", "tracestate",
  ]

  private func appendHeaders(
    _ status: ResponseStatus, _ record: RecordBatch.Record, of batch: borrowing RecordBatch, echoes: Bool,
    into responses: inout ResponseBatch
  ) {
    appendConstant("x-status", status.text, to: &responses)
    if echoes, !record.headers.isEmpty {
      for name in Self.echoedHeaders {
        if let range = batch.header(name, of: record) { responses.appendHeader(.known(name), .request(range)) }
      }
    }
    if policy.addsTransactionHeader {
      let start = responses.bytes.count
      responses.bytes.append(contentsOf: transaction)
      responses.appendHeader(.known("x-transaction"), .response(start..<responses.bytes.count))
    }
    if policy.addsCloudEventHeaders {
      appendConstant("ce_specversion", "1.0", to: &responses)
      appendConstant("ce_type", "io.understudy.response.v1", to: &responses)
      appendConstant("content-type", "application/json", to: &responses)
      responses.appendHeader(.known("ce_source"), text: "/understudy/\(policy.group)/\(policy.worker)")
      responses.appendHeader(
        .known("ce_id"), text: "\(batch.topics[record.topic])-\(record.partition)-\(record.offset)")
    }
  }

  private func appendConstant(_ name: StaticString, _ value: StaticString, to responses: inout ResponseBatch) {
    responses.appendHeader(.known(name), .constant(value))
  }

  // MARK: Dead letters

  private func writeDeadLetter(
    _ position: Int, _ routed: Pipeline.Routed, _ record: RecordBatch.Record, of batch: borrowing RecordBatch,
    _ table: borrowing RequestTable, into responses: inout ResponseBatch
  ) {
    let request = table.requests[position]
    let rowFailure = table.rows[request.rows].lazy.compactMap(\.failure).first
    let failure = (request.failure ?? rowFailure).map { table.failures[$0] }
    // What even the dead-letter topic cannot take leaves its key and headers there, or, if those are too large, its place.
    let room = destinations.byteLimit(of: .deadLetters) - Limits.deadLetterReasonBytes
    let headers = batch.headers[record.headers]
    let envelope = headers.reduce(record.key?.count ?? 0) { $0 + $1.name.count + ($1.value?.count ?? 0) }
    let keepsEnvelope = envelope <= room
    let keepsValue = envelope + (record.value?.count ?? 0) <= room
    if keepsEnvelope {
      for header in headers { responses.appendHeader(.request(header.name), header.value.map { .request($0) }) }
    }
    responses.appendHeader(.known(DeadLetterHeader.topic), text: batch.topics[record.topic])
    responses.appendHeader(.known(DeadLetterHeader.partition), text: String(record.partition))
    responses.appendHeader(.known(DeadLetterHeader.offset), text: String(record.offset))
    if let failure {
      responses.appendHeader(.known(DeadLetterHeader.stage), text: failure.stage.rawValue)
      responses.appendHeader(.known(DeadLetterHeader.exceptionClass), text: failure.reason.rawValue)
      responses.appendHeader(.known(DeadLetterHeader.exceptionMessage), text: failure.message)
      responses.appendHeader(.known(DeadLetterHeader.reason), text: failure.reason.rawValue)
    }
    if let version = routed.route.scratch?.release.identity.version {
      responses.appendHeader(.known(DeadLetterHeader.modelVersion), text: version)
    }
    responses.appendHeader(.known(DeadLetterHeader.failedAt), text: Timestamp.text(WallClock.milliseconds))
    if !keepsEnvelope || !keepsValue && record.value != nil {
      // A null value may be the request's own, and is a request all the same.
      responses.appendHeader(.known(DeadLetterHeader.truncated), text: keepsEnvelope ? "value" : "envelope")
    }
    responses.appendRecord(
      request: position, destination: .deadLetters,
      partition: record.partition % max(1, destinations.deadLetterPartitionCount),
      value: keepsValue ? record.value.map { .request($0) } : nil, keepsKey: keepsEnvelope)
  }
}

extension ResponseStatus {
  /// The status as a header's value, without a `String`.
  var text: StaticString {
    switch self {
    case .ok: "ok"
    case .partial: "partial"
    case .error: "error"
    case .fallback: "fallback"
    case .abstained: "abstained"
    case .prompt: "prompt"
    case .held: "held"
    }
  }
}
