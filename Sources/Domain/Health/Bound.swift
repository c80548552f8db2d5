/// The bounds of `Limits` that are counted when they are reached. Raw values are what others see.
package enum Bound: String, Sendable, CaseIterable {
  /// Series of all metrics.
  case metricSeries = "metric_series"
  /// Connections to the admin API.
  case httpConnections = "http_connections"
  /// Runs of the gate that metrics show: the oldest give way.
  case gateRuns = "gate_runs"
  /// Versions that are gone and whose series still stay: the oldest go early.
  case retiredVersions = "retired_versions"
  /// Events that wait for the broker: the oldest are dropped.
  case outboxEvents = "outbox_events"
  /// Commands that are remembered to know a repeat: the oldest are forgotten.
  case commandsRemembered = "commands_remembered"
  /// Releases that are remembered without their files: the oldest are forgotten.
  case releasesRemembered = "releases_remembered"
}
