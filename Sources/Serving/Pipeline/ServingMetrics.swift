import CoreMetrics
import Domain

/// What the data path measures: once a batch, never a row. Shared by all lanes.
///
/// Handlers are looked up when a worker starts, and those of a release when a lane meets it.
package final class ServingMetrics: Sendable {
  private let decode: Timer
  private let encode: Timer
  private let guardOutput: Timer
  private let batchSize: Recorder
  private let stages: [StageRole: Timer]
  private let errors: [Failure: Counter]
  private let otherErrors: Counter
  private let marked: [Mark: Counter]
  private let factory: any MetricsFactory

  private struct Failure: Hashable {
    var stage: ProcessingStage
    var reason: ResponseReason
  }

  private struct Mark: Hashable {
    var status: ResponseStatus
    var reason: ResponseReason
  }

  /// Why a row can be marked how: these series begin at zero.
  private static let marks: [ResponseStatus: [ResponseReason]] = [
    .fallback: [.featuresFailed, .modelFailed, .scoringFailed, .outputRejected, .lowConfidence, .deadline],
    .abstained: [.lowConfidence], .prompt: [.lowConfidence], .held: [.heldForReview],
  ]

  /// What can fail where: these series begin at zero.
  private static let failures: [ProcessingStage: [ResponseReason]] = [
    .route: [.unknownModel, .unknownVersion, .noLiveRelease, .expired, .schemaMismatch, .stageCrashed],
    .decode: [.decodeFailed, .schemaMismatch, .missingField, .outOfRange, .notFinite, .tooLarge],
    .features: [.featuresFailed, .deadline], .model: [.modelFailed, .deadline],
    .scoring: [.scoringFailed, .deadline],
    .guardOutput: [.outputRejected, .lowConfidence, .deadline],
    .encode: [.tooLarge], .reply: [.replyTopicDenied],
  ]

  /// Metrics of a worker.
  /// - Parameter factory: where they are kept; by default nowhere.
  package init(factory: any MetricsFactory = NOOPMetricsHandler.instance) {
    self.factory = factory
    func timer(_ stage: String) -> Timer {
      Timer(label: MetricName.stageDuration.rawValue, dimensions: [("stage", stage)], factory: factory)
    }
    decode = timer("decode")
    encode = timer("encode")
    guardOutput = timer("guard")
    stages = Dictionary(uniqueKeysWithValues: StageRole.allCases.map { ($0, timer($0.rawValue)) })
    batchSize = Recorder(label: MetricName.batchSize.rawValue, factory: factory)
    func counter(_ stage: String, _ reason: String) -> Counter {
      Counter(
        label: MetricName.errors.rawValue, dimensions: [("stage", stage), ("reason", reason)], factory: factory)
    }
    var errors: [Failure: Counter] = [:]
    for (stage, reasons) in Self.failures {
      for reason in reasons {
        errors[Failure(stage: stage, reason: reason)] = counter(stage.rawValue.lowercased(), reason.rawValue)
      }
    }
    self.errors = errors
    otherErrors = counter("other", "other")
    var marked: [Mark: Counter] = [:]
    for (status, reasons) in Self.marks {
      for reason in reasons {
        marked[Mark(status: status, reason: reason)] = Counter(
          label: MetricName.markedRows.rawValue,
          dimensions: [("status", status.rawValue), ("reason", reason.rawValue)], factory: factory)
      }
    }
    self.marked = marked
  }

  func observeDecode(_ duration: Duration) { decode.recordNanoseconds(duration.nanoseconds) }
  func observeEncode(_ duration: Duration) { encode.recordNanoseconds(duration.nanoseconds) }
  func observeGuard(_ duration: Duration) { guardOutput.recordNanoseconds(duration.nanoseconds) }
  func observe(_ role: StageRole, _ duration: Duration) { stages[role]?.recordNanoseconds(duration.nanoseconds) }
  func observeBatch(records: Int) { batchSize.record(records) }

  /// The rows that a run of a release takes, found anew; rare.
  func observe(runRows rows: Int, of release: ReleaseIdentity) {
    Gauge(
      label: MetricName.runRows.rawValue, dimensions: [("model", release.model), ("version", release.version)],
      factory: factory
    ).record(rows)
  }

  /// Counts what has failed in a batch.
  func count(_ failures: [RequestTable.Failure]) {
    for failure in failures {
      (errors[Failure(stage: failure.stage, reason: failure.reason)] ?? otherErrors).increment()
    }
  }

  /// Counts the rows that were answered, but not simply by their release.
  func count(_ remarks: [RowRemark]) {
    for remark in remarks { marked[Mark(status: remark.status, reason: remark.reason)]?.increment() }
  }

  /// The counters of one release's responses. Those of requests that no release answers have the version `none`.
  func responses(model: String, version: String?) -> ResponseCounters {
    ResponseCounters(factory, model: model, version: version ?? "none")
  }
}

/// Counts the responses of one release by status: in numbers of its own during a batch, then once in the metrics.
struct ResponseCounters {
  private let counters: [(status: ResponseStatus, counter: Counter)]
  private var counts = ServingCounters.Values()

  init(_ factory: any MetricsFactory, model: String, version: String) {
    counters = ResponseStatus.allCases.map { status in
      let counter = Counter(
        label: MetricName.responses.rawValue,
        dimensions: [("model", model), ("version", version), ("status", status.rawValue)], factory: factory)
      return (status, counter)
    }
  }

  mutating func count(_ status: ResponseStatus) { counts.count(status) }

  /// Adds the batch's counts to the metrics.
  mutating func flush() {
    for (status, counter) in counters where counts.count(of: status) > 0 {
      counter.increment(by: counts.count(of: status))
    }
    counts = ServingCounters.Values()
  }
}
