/// What one worker tells of itself on the status topic, under the key `<group>/<slot>`.
package struct WorkerStatus: Sendable, Equatable {
  package var group: String
  package var slot: String
  /// Milliseconds since 1970.
  package var updatedAt: Int64
  /// The models that its configuration has it serve; nil for all.
  package var serves: [String]?
  /// What serves, one a model.
  package var routes: [Route]
  /// Releases that the worker knows, newest first: of more than `Limits.statusReleases` those that serve, are in memory or
  /// on disk, and then the newest.
  package var releases: [Release]
  /// Models whose announcements do not go live, with the reason.
  package var held: [String: String]
  /// Models without a live release because it failed its gate, with the version that did.
  package var stopped: [String: String]
  /// What is paused: `consume` or a model's name, with the reason.
  package var paused: [String: String]
  /// The control record that is read next.
  package var controlOffset: Int64
  /// Records that wait in the partitions of this worker, by `<topic>-<partition>`; of more than
  /// `Limits.statusPartitions` the longest queues.
  package var lag: [String: Int64]
  /// Version of the program.
  package var build: String
  /// Counts since the start of the process, by name.
  package var counters: [String: Int64]

  /// A status; the rest is set by who publishes it.
  package init(group: String, slot: String, updatedAt: Int64, build: String) {
    self.group = group
    self.slot = slot
    self.updatedAt = updatedAt
    self.build = build
    routes = []
    releases = []
    held = [:]
    stopped = [:]
    paused = [:]
    controlOffset = 0
    lag = [:]
    counters = [:]
  }

  /// Its name among all workers: `<group>/<slot>`.
  package var name: String { "\(group)/\(slot)" }

  /// Whether its worker was not heard of for so long that nobody should wait for it.
  /// - Parameter now: milliseconds since 1970.
  package func isStale(at now: Int64) -> Bool { now - updatedAt >= Limits.staleStatusMilliseconds }

  /// Whether commands about a model are for it.
  /// - Parameter model: nil for a command about the whole worker.
  package func serves(_ model: String?) -> Bool {
    guard let model, let serves else { return true }
    return serves.contains(model)
  }

  /// What answers requests for a model.
  package struct Route: Sendable, Equatable {
    package var model: String
    package var version: String
    package var digest: String
    package var generation: Int
    /// Milliseconds since 1970 at which it went live.
    package var since: Int64
    /// The command that made it live; nil if the worker went back by itself.
    package var commandID: String?
    /// The version that a rollback to `previous` would go back to.
    package var previous: String?

    /// A route.
    package init(
      model: String, version: String, digest: String, generation: Int, since: Int64, commandID: String?,
      previous: String? = nil
    ) {
      self.model = model
      self.version = version
      self.digest = digest
      self.generation = generation
      self.since = since
      self.commandID = commandID
      self.previous = previous
    }
  }

  /// A release that the worker knows.
  package struct Release: Sendable, Equatable {
    package var model: String
    package var version: String
    package var digest: String
    package var step: ReleaseStep
    /// Milliseconds since 1970 of the last move.
    package var since: Int64
    package var commandID: String
    package var reason: RefusalReason?
    /// A line, at most `Limits.statusTextBytes`; the events carry the whole text.
    package var message: String?
    /// What its gate said last; nil if it has not run.
    package var gate: Gate?

    /// A release.
    package init(
      model: String, version: String, digest: String, step: ReleaseStep, since: Int64, commandID: String,
      reason: RefusalReason? = nil, message: String? = nil, gate: Gate? = nil
    ) {
      self.model = model
      self.version = version
      self.digest = digest
      self.step = step
      self.since = since
      self.commandID = commandID
      self.reason = reason
      self.message = message
      self.gate = gate
    }
  }

  /// The figures of a release's gate that fit into a line.
  package struct Gate: Sendable, Equatable {
    /// It serves without test sets, because the policy lets it.
    package var isUngated: Bool
    /// Rows of the end-to-end set.
    package var endToEndRows: Int?
    package var failedRows: Int?
    package var metric: Metric?
    package var value: Double?
    package var acceptableRange: ClosedRange<Double>?
    /// Milliseconds since 1970 at which it passed last; nil if it never did.
    package var passedAt: Int64?

    /// The figures of a report.
    package init(_ report: GateReport, passedAt: Int64?) {
      isUngated = report.isUngated
      endToEndRows = report.endToEnd?.rows
      failedRows = report.endToEnd?.failedRows
      metric = report.confidence?.metric
      value = report.confidence?.value
      acceptableRange = report.confidence?.acceptableRange
      self.passedAt = passedAt
    }

    /// No figures.
    package init() { isUngated = false }
  }
}
