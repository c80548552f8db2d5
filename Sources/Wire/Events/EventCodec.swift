import Domain

/// Events of the events topic: CloudEvents, binary mode out, either mode in.
package enum EventCodec {
  /// An event as a record with its model as key.
  package static func encode(_ event: Event) -> TopicRecord {
    let subject = event.model.map { model in event.version.map { "\(model)/\($0)" } ?? model }
    let headers = CloudEvent.headers([
      ("id", event.id), ("source", "understudy/\(event.group)/\(event.worker)"),
      ("type", CloudEvent.type(event.type.rawValue)), ("time", Timestamp.text(event.time)), ("subject", subject),
    ])
    return TopicRecord(
      timestamp: event.time, key: event.model.map { Array($0.utf8) }, value: data(event).bytes, headers: headers)
  }

  /// The event of a record.
  ///
  /// A type that we do not know is an error like any other: a reader that follows a newer worker passes it over. A
  /// reason that we do not know is left out, the message is kept.
  package static func decode(_ record: TopicRecord) throws(WireError) -> Event {
    let cloudEvent = try CloudEvent(record, limit: Limits.commandBytes)
    try cloudEvent.checkVersion()
    guard let type = try cloudEvent.kind().flatMap(EventType.init(rawValue:)) else {
      throw .invalid(
        path: cloudEvent.attributePrefix + "type", expected: "an event of a worker",
        found: Quotation.text(try cloudEvent.required("type")))
    }
    let data = JSONReader(cloudEvent.data ?? .null, path: "data")
    guard let time = try cloudEvent.time("time") else {
      throw .invalid(path: cloudEvent.attributePrefix + "time", expected: "a time", found: "nothing")
    }
    var event = Event(
      id: try cloudEvent.required("id"), type: type, time: time, worker: try data["worker"].text(),
      group: try data["group"].text())
    event.commandID = try data["command_id"].optionalText()
    event.model = try data["model"].optionalText()
    event.version = try data["version"].optionalText()
    event.fromVersion = try data["from_version"].optionalText()
    event.digest = try data["digest"].optionalText()
    event.generation = try data["generation"].optional { number throws(WireError) in Int(try number.integer()) }
    event.outcome = try data["outcome"].optionalText()
    event.reason = try data["reason"].optionalText().flatMap(RefusalReason.init(rawValue:))
    event.message = try data["message"].optionalText()
    event.timings =
      try data["timings_ms"].optional { timings throws(WireError) in
        try timings.dictionary { value throws(WireError) in try value.number() }
      } ?? [:]
    event.cause = try data["cause"].optionalText()
    event.report = try data["report"].optional { report throws(WireError) in try GateReportReader.report(report) }
    event.firstOffsets = try data["first_offsets"].optional { offsets throws(WireError) in
      try offsets.dictionary { value throws(WireError) in try value.integer() }
    }
    return event
  }

  private static func data(_ event: Event) -> JSON {
    var data = JSON.object([])
    data.set("command_id", toOptional: event.commandID)
    data.set("model", toOptional: event.model)
    data.set("version", toOptional: event.version)
    data.set("from_version", toOptional: event.fromVersion)
    data.set("digest", toOptional: event.digest)
    if let generation = event.generation { data.set("generation", to: .integer(Int64(generation))) }
    data.set("worker", to: .text(event.worker))
    data.set("group", to: .text(event.group))
    data.set("outcome", toOptional: event.outcome)
    data.set("cause", toOptional: event.cause)
    data.set("reason", toOptional: event.reason?.rawValue)
    data.set("message", toOptional: event.message)
    if !event.timings.isEmpty {
      let timings = event.timings.sorted { $0.key < $1.key }
      data.set("timings_ms", to: .object(timings.map { .init($0.key, .number($0.value)) }))
    }
    if let report = event.report { data.set("report", to: GateReportCodec.json(report)) }
    if let offsets = event.firstOffsets { data.set("first_offsets", to: .counts(offsets)) }
    return data
  }
}
