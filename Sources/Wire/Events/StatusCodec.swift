import Domain

/// What workers tell of themselves on the status topic: JSON under the key `<group>/<slot>`.
package enum StatusCodec {
  /// A status as a record.
  package static func encode(_ status: WorkerStatus) -> TopicRecord {
    TopicRecord(
      timestamp: status.updatedAt, key: key(group: status.group, slot: status.slot), value: json(status).bytes,
      headers: [RecordHeader("content-type", "application/json")])
  }

  /// The record with which a worker that ends takes its status back.
  package static func tombstone(group: String, slot: String) -> TopicRecord {
    TopicRecord(key: key(group: group, slot: slot))
  }

  /// The status of a record, or nil for a tombstone.
  ///
  /// Releases in a step that we do not know, as a newer worker may have, are left out.
  package static func decode(_ record: TopicRecord) throws(WireError) -> WorkerStatus? {
    guard let value = record.value else { return nil }
    let reader = JSONReader(try JSON(parsing: value))
    var status = WorkerStatus(
      group: try reader["group"].text(), slot: try reader["slot"].text(),
      updatedAt: try CommandReader.time(reader["updated_at"]), build: try reader["build"].text())
    status.serves = try reader["serves"].optional { serves throws(WireError) in
      try serves.elements().map { model throws(WireError) in try model.text() }
    }
    for route in try reader["routes"].elements() { status.routes.append(try self.route(route)) }
    for release in try reader["releases"].elements() {
      if let release = try self.release(release) { status.releases.append(release) }
    }
    status.held = try reader["held"].dictionary { value throws(WireError) in try value.text() }
    status.stopped = try reader["stopped"].dictionary { value throws(WireError) in try value.text() }
    status.paused = try reader["paused"].dictionary { value throws(WireError) in try value.text() }
    status.controlOffset = try reader["control_offset"].integer()
    status.lag = try reader["lag"].dictionary { value throws(WireError) in try value.integer() }
    status.counters = try reader["counters"].dictionary { value throws(WireError) in try value.integer() }
    return status
  }

  /// A status as the document that both the topic and the admin API show.
  package static func json(_ status: WorkerStatus) -> JSON {
    var json = JSON.object([
      .init("group", .text(status.group)), .init("slot", .text(status.slot)),
      .init("updated_at", .text(Timestamp.text(status.updatedAt))), .init("build", .text(status.build)),
      .init("routes", .array(status.routes.map(self.json))),
      .init("warm", names(status.releases.filter(\.step.isLoaded))),
      .init("stored", names(status.releases.filter { $0.step == .stored || $0.step == .held })),
      .init("held", .texts(status.held)), .init("stopped", .texts(status.stopped)),
      .init("paused", .texts(status.paused)),
      .init("control_offset", .integer(status.controlOffset)), .init("lag", .counts(status.lag)),
      .init("counters", .counts(status.counters)), .init("releases", .array(status.releases.map(self.json))),
    ])
    if let serves = status.serves { json.set("serves", to: .array(serves.map { .text($0) })) }
    return json
  }

  /// Bytes that a release takes in a status, wherever it is named.
  package static func byteCount(of release: WorkerStatus.Release) -> Int {
    json(release).bytes.count + 1 + (release.step.isProved ? names([release]).bytes.count : 0)
  }

  private static func key(group: String, slot: String) -> [UInt8] { Array("\(group)/\(slot)".utf8) }

  // MARK: Parts

  private static func names(_ releases: [WorkerStatus.Release]) -> JSON {
    .array(releases.map { .object([.init("model", .text($0.model)), .init("version", .text($0.version))]) })
  }

  private static func json(_ route: WorkerStatus.Route) -> JSON {
    var json = JSON.object([
      .init("model", .text(route.model)), .init("version", .text(route.version)),
      .init("digest", .text(route.digest)), .init("generation", .integer(Int64(route.generation))),
      .init("since", .text(Timestamp.text(route.since))),
    ])
    json.set("command_id", toOptional: route.commandID)
    json.set("previous", toOptional: route.previous)
    return json
  }

  private static func json(_ release: WorkerStatus.Release) -> JSON {
    var json = JSON.object([
      .init("model", .text(release.model)), .init("version", .text(release.version)),
      .init("digest", .text(release.digest)), .init("step", .text(release.step.rawValue)),
      .init("since", .text(Timestamp.text(release.since))), .init("command_id", .text(release.commandID)),
    ])
    json.set("reason", toOptional: release.reason?.rawValue)
    json.set("message", toOptional: release.message)
    if let gate = release.gate { json.set("gate", to: self.json(gate)) }
    return json
  }

  /// The figures of a gate as one object.
  package static func json(_ gate: WorkerStatus.Gate) -> JSON {
    var json = JSON.object([.init("ungated", .bool(gate.isUngated))])
    if let rows = gate.endToEndRows { json.set("end_to_end_rows", to: .integer(Int64(rows))) }
    if let rows = gate.failedRows { json.set("failed_rows", to: .integer(Int64(rows))) }
    json.set("metric", toOptional: gate.metric?.rawValue)
    if let value = gate.value { json.set("value", to: .number(value)) }
    if let range = gate.acceptableRange {
      json.set("acceptable_range", to: .array([.number(range.lowerBound), .number(range.upperBound)]))
    }
    json.set("passed_at", toOptional: gate.passedAt.map(Timestamp.text))
    return json
  }

  private static func route(_ reader: JSONReader) throws(WireError) -> WorkerStatus.Route {
    WorkerStatus.Route(
      model: try reader["model"].text(), version: try reader["version"].text(), digest: try reader["digest"].text(),
      generation: Int(try reader["generation"].integer()), since: try CommandReader.time(reader["since"]),
      commandID: try reader["command_id"].optionalText(), previous: try reader["previous"].optionalText())
  }

  private static func release(_ reader: JSONReader) throws(WireError) -> WorkerStatus.Release? {
    guard let step = ReleaseStep(rawValue: try reader["step"].text()) else { return nil }
    return WorkerStatus.Release(
      model: try reader["model"].text(), version: try reader["version"].text(), digest: try reader["digest"].text(),
      step: step, since: try CommandReader.time(reader["since"]), commandID: try reader["command_id"].text(),
      reason: try reader["reason"].optionalText().flatMap(RefusalReason.init(rawValue:)),
      message: try reader["message"].optionalText(),
      gate: try reader["gate"].optional { gate throws(WireError) in try self.gate(gate) })
  }

  private static func gate(_ reader: JSONReader) throws(WireError) -> WorkerStatus.Gate {
    var gate = WorkerStatus.Gate()
    gate.isUngated = try reader["ungated"].bool()
    gate.endToEndRows = try reader["end_to_end_rows"].optional { rows throws(WireError) in Int(try rows.integer()) }
    gate.failedRows = try reader["failed_rows"].optional { rows throws(WireError) in Int(try rows.integer()) }
    gate.metric = try reader["metric"].optionalText().flatMap(Metric.init(rawValue:))
    gate.value = try reader["value"].optional { value throws(WireError) in try value.number() }
    if reader["acceptable_range"].value != nil {
      let bounds = try reader["acceptable_range"].elements(atMost: 2)
      if bounds.count == 2, try bounds[0].number() <= bounds[1].number() {
        gate.acceptableRange = try bounds[0].number()...bounds[1].number()
      }
    }
    gate.passedAt = try reader["passed_at"].optional { time throws(WireError) in try CommandReader.time(time) }
    return gate
  }
}
