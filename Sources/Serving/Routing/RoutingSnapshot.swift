import Domain

/// Which releases answer requests: immutable, and the only thing that serving and deployment share.
package struct RoutingSnapshot: Sendable {
  /// Grows with each snapshot of the process.
  package var serial: UInt64
  /// By model.
  package var models: [String: ModelRoute]

  /// A snapshot in which nothing serves.
  package static let empty = RoutingSnapshot(serial: 0, models: [:])

  /// A snapshot.
  package init(serial: UInt64, models: [String: ModelRoute]) {
    self.serial = serial
    self.models = models
  }
}

/// What answers requests for one model.
package struct ModelRoute: Sendable {
  /// The live release; nil if the model is known and has none.
  package var live: LoadedRelease?
  /// The release that was live before and is in memory: a fallback may use it.
  package var previous: LoadedRelease?
  /// Activations of the model on this worker so far.
  package var generation: Int
  /// Releases that a request may pin by version: live and warm ones that were not rolled back.
  package var pinnable: [String: LoadedRelease]

  /// A route.
  package init(
    live: LoadedRelease?, previous: LoadedRelease? = nil, generation: Int, pinnable: [String: LoadedRelease]
  ) {
    self.live = live
    self.previous = previous
    self.generation = generation
    self.pinnable = pinnable
  }
}
