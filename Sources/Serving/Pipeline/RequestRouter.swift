import Domain

/// Decides once for each record who answers it and where the answer goes.
struct RequestRouter {
  let policy: ServingPolicy

  /// Who answers.
  enum Route {
    case release(LoadedRelease, generation: Int)
    case failure(model: String, ResponseReason, String)
  }

  /// Where the answer goes.
  enum ReplyRoute {
    case to(ResponseBatch.Destination, partition: Int32)
    case denied(String)
  }

  func route(
    _ record: RecordBatch.Record, of batch: borrowing RecordBatch, by snapshot: RoutingSnapshot
  ) -> Route {
    var model = policy.defaultModels[batch.topics[record.topic]] ?? policy.defaultModel
    if let range = batch.header("x-model", of: record) {
      guard let name = batch.text(range), ReleaseIdentity.isValidName(name) else {
        return .failure(model: model, .unknownModel, "x-model is not the name of a model")
      }
      model = name
    }
    let isServed = policy.servedModels?.contains(model) ?? true
    guard isServed, let entry = snapshot.models[model] else {
      let isExpected = isServed && (model == policy.defaultModel || policy.defaultModels.values.contains(model))
      return isExpected
        ? .failure(model: model, .noLiveRelease, "no release of \(model) is live yet")
        : .failure(model: model, .unknownModel, "this worker serves no model \(model)")
    }
    if let range = batch.header("x-model-version", of: record) {
      let version = batch.text(range) ?? ""
      guard let pinned = entry.pinnable[version] else {
        let shown = ReleaseIdentity.isValidName(version) ? version : "of that name"
        return .failure(
          model: model, .unknownVersion,
          "no release \(shown) of \(model) is live or warm; there are \(entry.pinnable.keys.sorted().joined(separator: ", "))"
        )
      }
      return .release(pinned, generation: entry.generation)
    }
    guard let live = entry.live else {
      return .failure(model: model, .noLiveRelease, "no release of \(model) is live")
    }
    return .release(live, generation: entry.generation)
  }

  /// Why a request is not to be answered any more, or cannot tell until when it is; nil if it is in time.
  /// - Parameter now: milliseconds since 1970.
  func expiry(
    of record: RecordBatch.Record, of batch: borrowing RecordBatch, at now: Int64
  ) -> (reason: ResponseReason, message: String)? {
    if record.headers.isEmpty { return nil }
    guard let range = batch.header("ce_expirytime", of: record) else { return nil }
    guard let text = batch.text(range), let time = Timestamp.milliseconds(text) else {
      return (.schemaMismatch, "ce_expirytime: expected a time as RFC 3339 writes it, such as 2026-11-20T09:58:00Z")
    }
    guard time <= now else { return nil }
    return (.expired, "ce_expirytime: \(Timestamp.text(time)) was over when the request came to its turn")
  }

  func replyRoute(
    _ record: RecordBatch.Record, of batch: borrowing RecordBatch, _ destinations: any Destinations
  ) -> ReplyRoute {
    guard let range = batch.header("kafka_replyTopic", of: record) else {
      return .to(.responses, partition: record.partition % max(1, destinations.responsePartitionCount))
    }
    guard let topic = batch.text(range), policy.isReplyTopicAllowed(topic) else {
      return .denied("kafka_replyTopic is not on this worker's allow-list (replies.allow)")
    }
    guard let count = destinations.partitionCount(ofReplyTopic: topic), count > 0 else {
      return .denied("the reply topic \(topic) does not exist or cannot be written to")
    }
    guard let range = batch.header("kafka_replyPartition", of: record) else {
      return .to(.reply(topic), partition: record.partition % count)
    }
    // Spring writes it as four bytes, most significant first.
    let partition = batch.bytes[range].reduce(0) { ($0 << 8) | Int64($1) }
    guard range.count == 4, partition < Int64(count) else {
      return .denied("kafka_replyPartition is not one of the \(count) partitions of \(topic)")
    }
    return .to(.reply(topic), partition: Int32(partition))
  }
}
