import CoreMetrics
import Domain
import Synchronization

/// Takes what lanes have measured, once a transaction.
package final class LaneMetrics: Sendable {
  private let consumed: [String: Counter]
  private let produce: Timer
  private let commit: Timer
  private let latency: PrometheusHistogram
  private let rebuilds: Counter
  /// Milliseconds since 1970.
  private let newest = Atomic<Int64>(0)

  /// Counters at zero for every requests topic.
  package init(_ metrics: PrometheusMetrics, topics: [String]) {
    consumed = Dictionary(
      topics.map { topic in
        (
          topic,
          Counter(label: MetricName.recordsConsumed.rawValue, dimensions: [("topic", topic)], factory: metrics)
        )
      }, uniquingKeysWith: { first, _ in first })
    func timer(_ stage: String) -> Timer {
      Timer(label: MetricName.stageDuration.rawValue, dimensions: [("stage", stage)], factory: metrics)
    }
    rebuilds = Counter(label: MetricName.laneRebuilds.rawValue, factory: metrics)
    produce = timer("produce")
    commit = timer("commit")
    latency = metrics.histogram(.latency)
    metrics.addCollector { [self] in
      let newest = newest.load(ordering: .relaxed)
      return newest > 0 ? [MetricFamily(.lastRecord, [([], Double(newest) / 1000)])] : []
    }
  }

  /// A lane's clients were made anew, since it got nowhere.
  package func addRebuild() { rebuilds.increment() }

  /// Takes the figures of a committed transaction. Called on a lane's thread.
  package func add(_ figures: TransactionFigures) {
    for (topic, count) in figures.records { consumed[topic]?.increment(by: count) }
    produce.recordNanoseconds(figures.produceNanoseconds)
    commit.recordNanoseconds(figures.commitNanoseconds)
    latency.add(figures.latencies.counts, sum: Double(figures.latencies.sumMilliseconds) / 1000)
    newest.max(figures.newestTimestamp, ordering: .relaxed)
  }
}
