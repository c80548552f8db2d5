import Domain

/// Decides when the series of versions that are gone are removed: some time after, so that the last scrapes see their
/// last counts. A value; the time is the caller's.
package struct SeriesRetention: Sendable {
  package struct Version: Hashable, Sendable {
    package var model: String
    package var version: String

    /// A version.
    package init(model: String, version: String) {
      self.model = model
      self.version = version
    }
  }

  private var known: Set<Version> = []
  private var gone: [Version: ContinuousClock.Instant] = [:]

  /// Nothing is known yet.
  package init() {}

  /// Takes the versions that there are now.
  /// - Returns: those whose series are to be removed.
  package mutating func update(_ present: Set<Version>, at now: ContinuousClock.Instant) -> [Version] {
    for version in known.subtracting(present) { gone[version] = now }
    for version in present { gone[version] = nil }
    known = present
    let due = gone.filter { $0.value.duration(to: now) >= .seconds(Limits.retiredSeriesSeconds) }.map(\.key)
    for version in due { gone[version] = nil }
    return due
  }
}
