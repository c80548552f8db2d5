import Domain

/// What is said of a metric besides its series.
package struct MetricDescription: Sendable, Equatable {
  package var name: String
  /// One sentence for people.
  package var help: String
  package var kind: MetricFamily.Kind
  /// Upper bounds of a histogram's buckets, ascending.
  package var bounds: [Double]

  /// A description.
  package init(_ name: String, _ kind: MetricFamily.Kind, _ help: String, bounds: [Double] = []) {
    self.name = name
    self.help = help
    self.kind = kind
    self.bounds = bounds
  }

  init(_ name: MetricName, _ kind: MetricFamily.Kind, _ help: String, bounds: [Double] = []) {
    self.init(name.rawValue, kind, help, bounds: bounds)
  }

  /// Seconds from 10 µs to 10 s in steps of 1, 2.5 and 5: stages of a batch.
  static let stageBounds = [
    0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
    2.5, 10,
  ]
  /// Seconds from a millisecond to the time limit of a fetch: steps of a release.
  static let swapBounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]
  /// Records: powers of two up to the largest batch that may be configured.
  static let batchBounds: [Double] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16_384, 65_536]
  /// Seconds of the lanes' own tallies.
  static let latencyBounds = LatencyTally.boundsMilliseconds.map { Double($0) / 1000 }

  /// All metrics of a worker, by name.
  package static let all: [MetricName: MetricDescription] = Dictionary(
    uniqueKeysWithValues: MetricName.allCases.map { ($0, describe($0)) })

  private static func describe(_ name: MetricName) -> MetricDescription {
    switch name {
    case .buildInfo, .modelInfo, .modelStopped, .modelLoaded, .modelSwaps, .modelSwapDuration: identity(name)
    case .qualityMetric, .gatePassed: quality(name)
    case .processCPU, .processResident, .processVirtual, .processOpenFiles, .processMaximumFiles, .processStart,
      .processThreads:
      process(name)
    default: flow(name)
    }
  }

  private static func identity(_ name: MetricName) -> MetricDescription {
    switch name {
    case .buildInfo: .init(name, .gauge, "Always 1; the labels say which build runs.")
    case .modelInfo:
      .init(name, .gauge, "Always 1; the labels say which releases are live, the way back and on their way.")
    case .modelStopped:
      .init(name, .gauge, "1 while a model has nothing live because this release failed its gate while it was.")
    case .modelLoaded: .init(name, .gauge, "When a release that is in memory was loaded, in seconds since 1970.")
    case .modelSwaps:
      .init(name, .counter, "Releases that went live (ok), were gone back to (rolled_back) or did not pass (refused).")
    default:
      .init(
        name, .histogram, "Time of the steps of releases that went live, and from command to switch (total).",
        bounds: swapBounds)
    }
  }

  private static func flow(_ name: MetricName) -> MetricDescription {
    switch name {
    case .recordsConsumed: .init(name, .counter, "Request records whose answers were committed.")
    case .responses:
      .init(name, .counter, "Responses made; those of an aborted transaction are made and counted again.")
    case .errors: .init(name, .counter, "Requests and rows that failed, by the stage that failed them and the reason.")
    case .markedRows:
      .init(
        name, .counter, "Rows that a fallback answered, or that the guard marked, held or withheld, with the reason.")
    case .stageDuration:
      .init(name, .histogram, "Time of a stage for one batch of records of one release.", bounds: stageBounds)
    case .batchSize: .init(name, .histogram, "Records of one batch.", bounds: batchBounds)
    case .runRows: .init(name, .gauge, "Rows that a run of a release's stages takes, as the last experiment found.")
    case .latency:
      .init(
        name, .histogram, "From the timestamp of a request to the commit of its answer.", bounds: latencyBounds)
    case .lag: .init(name, .gauge, "Records that wait in the partitions of this worker.")
    case .lastRecord: .init(name, .gauge, "Timestamp of the newest request that was answered, in seconds since 1970.")
    case .outbox: .init(name, .gauge, "Events that wait for the broker; more than 10000 are not counted.")
    case .boundsReached: .init(name, .counter, "How often a bound of the product was reached, by the bound.")
    case .laneRebuilds: .init(name, .counter, "How often a lane got nowhere or had lost its group, and was begun anew.")
    case .lanes: .init(name, .gauge, "Lanes by what they do.")
    default: .init(name, .gauge, "Whether the worker is ready: what /readyz says.")
    }
  }

  private static func quality(_ name: MetricName) -> MetricDescription {
    name == .gatePassed
      ? .init(name, .gauge, "Whether a release has passed its last validity gate.")
      : .init(name, .gauge, "Figures of the last run of a release's test sets.")
  }

  private static func process(_ name: MetricName) -> MetricDescription {
    switch name {
    case .processCPU: .init(name, .counter, "Total user and system CPU time spent in seconds.")
    case .processResident: .init(name, .gauge, "Resident memory size in bytes.")
    case .processVirtual: .init(name, .gauge, "Virtual memory size in bytes.")
    case .processOpenFiles: .init(name, .gauge, "Number of open file descriptors.")
    case .processMaximumFiles: .init(name, .gauge, "Maximum number of open file descriptors.")
    case .processStart: .init(name, .gauge, "Start time of the process since unix epoch in seconds.")
    default: .init(name, .gauge, "Number of threads of the process.")
    }
  }
}

extension MetricFamily {
  /// A family of numbers under a name that the table describes.
  package init(_ name: MetricName, _ series: [(labels: [(String, String)], value: Double)]) {
    let description = MetricDescription.all[name]
    self.init(name.rawValue, help: description?.help ?? name.rawValue, kind: description?.kind ?? .gauge, series)
  }
}
