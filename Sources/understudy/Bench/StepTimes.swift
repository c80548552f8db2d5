import AdminAPI
import Domain

/// What a worker's steps have taken so far, from its own metrics: the very histograms that it shows to Prometheus.
struct StepTimes: Sendable, Equatable {
  /// Seconds by step.
  private(set) var seconds: [BenchStep: Double] = [:]

  /// No time at all.
  init() {}

  /// What the metrics say now.
  init(_ families: [MetricFamily]) {
    for family in families where family.name == MetricName.stageDuration.rawValue {
      for series in family.series {
        guard let name = series.labels.labels.first(where: { $0.name == "stage" })?.value,
          let step = BenchStep(rawValue: name), case .histogram(let histogram) = series.value
        else { continue }
        seconds[step] = histogram.sum
      }
    }
  }

  /// Seconds of all steps.
  var total: Double { seconds.values.reduce(0, +) }

  /// What was added since.
  func since(_ earlier: StepTimes) -> StepTimes {
    var times = StepTimes()
    for (step, value) in seconds { times.seconds[step] = value - (earlier.seconds[step] ?? 0) }
    return times
  }
}
