import Domain

/// What the configuration says of answering: which models, whose reply topics, which headers.
package struct ServingPolicy: Sendable {
  /// The worker's slot.
  package var worker: String
  /// The group, for the source of CloudEvents.
  package var group: String
  /// The model of requests that name none, by requests topic; the default for all others.
  package var defaultModels: [String: String]
  /// The model of requests that name none, on a topic without one.
  package var defaultModel: String
  /// The models that are served; nil means all.
  package var servedModels: Set<String>?
  /// Whether requests wait while the default model has no live release, instead of being told so.
  package var waitsForRelease: Bool
  /// Whether a reply topic may be written to: the allow-list, less the role topics.
  package var isReplyTopicAllowed: @Sendable (String) -> Bool
  /// What answers in place of a model's release that could not, by model, in order.
  package var fallbacks: [String: [FallbackStep]]
  /// Milliseconds in which a batch must be scored.
  package var batchDeadlineMilliseconds: Int
  /// Whether responses carry `ce_*` headers.
  package var addsCloudEventHeaders: Bool
  /// Whether responses carry `x-transaction`.
  package var addsTransactionHeader: Bool

  /// A policy.
  package init(
    worker: String, group: String, defaultModels: [String: String] = [:], defaultModel: String,
    servedModels: Set<String>? = nil, waitsForRelease: Bool = false,
    isReplyTopicAllowed: @escaping @Sendable (String) -> Bool = { _ in false },
    fallbacks: [String: [FallbackStep]] = [:], batchDeadlineMilliseconds: Int = Limits.batchDeadlineMilliseconds,
    addsCloudEventHeaders: Bool = false, addsTransactionHeader: Bool = false
  ) {
    self.worker = worker
    self.group = group
    self.defaultModels = defaultModels
    self.defaultModel = defaultModel
    self.servedModels = servedModels
    self.waitsForRelease = waitsForRelease
    self.isReplyTopicAllowed = isReplyTopicAllowed
    self.fallbacks = fallbacks
    self.batchDeadlineMilliseconds = batchDeadlineMilliseconds
    self.addsCloudEventHeaders = addsCloudEventHeaders
    self.addsTransactionHeader = addsTransactionHeader
  }
}
