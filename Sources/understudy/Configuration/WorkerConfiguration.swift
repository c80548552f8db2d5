import AdminAPI
import Deployment
import Domain
import Kafka

/// What `worker.yaml`, the environment and `--set` say, with defaults for the rest.
struct WorkerConfiguration: Sendable, Equatable {
  /// librdkafka's properties, secrets resolved.
  var kafka: [String: String] = [:]
  /// Path of the topics file; nil for the built-in one.
  var topics: String?
  var group = "understudy"
  var slot = "worker-0"
  /// The state directory.
  var state = "./state"
  var defaultModel: String?
  /// The models that are served; nil means all.
  var servedModels: [String]?
  var start = LaneConfiguration.StartPosition.earliest
  var delivery = LaneConfiguration.Delivery.exactlyOnce
  /// Lanes; nil means as many as fit the machine.
  var lanes: Int?
  var batchRecords = 1024
  var batchBytes = 4 << 20
  var lingerMilliseconds = 5
  /// Milliseconds in which a batch must be scored.
  var batchDeadlineMilliseconds = Limits.batchDeadlineMilliseconds
  var commitIntervalMilliseconds = 100
  var retain = 5
  var warm = 2
  /// Threads of one operator of a model.
  var engineThreads = 1
  var gatePolicy = GatePolicy()
  /// Seconds between two runs of the test sets on what is live.
  var gateIntervalSeconds = 600
  /// Seconds in which the gate of a new release has to end.
  var gateDeadlineSeconds = Limits.probeSeconds
  /// Megabytes that a release may take in the process of its gate; nil for what the machine has left.
  var gateMemoryMegabytes: Int?
  var whenNoRelease = WhenNoRelease.wait
  /// What answers in place of a model's release that could not, by model, in order.
  var fallbacks: [String: [FallbackStep]] = [:]
  /// Anchored regular expressions of the reply topics that may be written to.
  var replyTopics: [String] = []
  var addsCloudEventHeaders = false
  var addsTransactionHeader = false
  var http = AdminBind.standard
  /// Anchored regular expressions of the URLs that releases may be fetched from.
  var fetchPatterns: [String] = []
  /// The longest that one fetch over HTTP may take.
  var fetchTimeoutSeconds = 600
  var logLevel = "info"

  /// Where the admin API listens.
  enum AdminBind: Sendable, Equatable {
    /// On the standard address, if nobody else does.
    case standard
    /// Nowhere.
    case off
    /// On this address, or the worker does not start.
    case address(AdminAddress)
  }

  /// What a worker does while its default model has no live release.
  enum WhenNoRelease: String, Sendable, CaseIterable {
    /// Stays out of the group, so that requests wait or go to others.
    case wait
    /// Answers `no_live_release`.
    case answer
  }

  /// What the gate's process may take.
  var probeOptions: ProbeOptions {
    ProbeOptions(
      policy: gatePolicy, deadlineSeconds: gateDeadlineSeconds,
      memoryBytes: gateMemoryMegabytes.map { Int64($0) << 20 }, engineThreads: engineThreads)
  }

  /// Whether the broker is the one inside of this process.
  var usesEmbeddedBroker: Bool { kafka["bootstrap.servers"] == "embedded" }

  /// How long the broker may wait for records before it answers that there are none. A real one answers as soon as there
  /// are some; the embedded one sleeps all of it.
  var fetchWaitMilliseconds: Int { usesEmbeddedBroker ? 3 : 100 }

  /// Lanes for so many cores: one is left to the rest, and the embedded broker needs its own.
  func laneCount(cores: Int) -> Int {
    lanes ?? (usesEmbeddedBroker ? 1 : min(max(cores - 1, 1), 4))
  }
}
