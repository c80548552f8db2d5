import Domain

/// Commands of the control topic: CloudEvents in, of either mode, and binary mode out.
package enum CommandCodec {
  /// Reads a record of the control topic.
  ///
  /// A refusal is `malformed` or `unknown_kind`, names the place, what was expected and what was there, and has the
  /// command's id if that could be read. The record's key is not looked at: the data say which model is meant.
  package static func decode(_ record: TopicRecord) throws(Refusal) -> CommandEnvelope {
    let event: CloudEvent
    do throws(WireError) {
      event = try CloudEvent(record, limit: Limits.commandBytes)
    } catch {
      throw Refusal(.malformed, error.description, commandID: identifier(inHeadersOf: record))
    }
    let id = try? event.required("id")
    do throws(WireError) {
      return try decode(event)
    } catch let error {
      throw Refusal(isUnknownKind(event) ? .unknownKind : .malformed, error.description, commandID: id)
    }
  }

  /// A command as a record in binary mode, with its model as key. Topic, partition and time are the producer's.
  /// - Parameter time: milliseconds since 1970 for `ce_time`.
  package static func encode(_ envelope: CommandEnvelope, time: Int64? = nil) -> TopicRecord {
    let headers = CloudEvent.headers([
      ("id", envelope.id), ("source", envelope.source), ("type", CloudEvent.type(envelope.command.kind.rawValue)),
      ("time", time.map(Timestamp.text)), ("expirytime", envelope.expiresAt.map(Timestamp.text)),
    ])
    return TopicRecord(
      key: envelope.command.model.map { Array($0.utf8) }, value: CommandWriter.data(envelope).bytes, headers: headers)
  }

  private static func identifier(inHeadersOf record: TopicRecord) -> String? {
    guard let id = record.header("ce_id"), !id.isEmpty, id.utf8.count <= Limits.identifierBytes else { return nil }
    return id
  }

  /// Whether the type is the one thing that is wrong, so that a newer sender is told from a broken one.
  private static func isUnknownKind(_ event: CloudEvent) -> Bool {
    guard (try? event.checkVersion()) != nil, (try? event.required("id")) != nil, (try? event.required("type")) != nil
    else { return false }
    let kind = try? event.kind()
    return kind.flatMap { $0 }.flatMap(CommandKind.init(rawValue:)) == nil
  }

  private static func decode(_ event: CloudEvent) throws(WireError) -> CommandEnvelope {
    try event.checkVersion()
    let id = try event.required("id")
    let type = try event.required("type")
    guard let word = try event.kind(), let kind = CommandKind(rawValue: word) else {
      let known = CommandKind.allCases.map { Quotation.text(CloudEvent.type($0.rawValue)) }
      throw .invalid(
        path: event.attributePrefix + "type", expected: Quotation.list(known), found: Quotation.text(type))
    }
    let source = try event.required("source")
    let expiresAt = try event.time("expirytime")
    let data = JSONReader(event.data ?? .null, path: "data")
    _ = try data.fields()
    return CommandEnvelope(
      id: id, source: source, command: try CommandReader.command(kind, data), expiresAt: expiresAt,
      ifCurrent: try data["if_current"].optional { version throws(WireError) in try version.name() },
      isDryRun: try data["dry_run"].optional { flag throws(WireError) in try flag.bool() } ?? false,
      targetGroups: try CommandReader.targets(data["targets"], "groups"),
      targetWorkers: try CommandReader.targets(data["targets"], "workers"))
  }
}
