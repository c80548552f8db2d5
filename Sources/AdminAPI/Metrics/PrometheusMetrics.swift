import CoreMetrics
import Domain
import Synchronization

/// The metrics of a worker: a backend of swift-metrics that keeps numbers and shows them in Prometheus' text format.
///
/// A handler is looked up once, behind a lock, and then counts without one. What can be derived from what the worker
/// knows anyway is a collector, run when somebody asks. The number of series is bounded: what comes after the last one
/// counts into nothing, and the overflow is counted.
package final class PrometheusMetrics: MetricsFactory, Sendable {
  private enum Handler: Sendable {
    case counter(PrometheusCounter)
    case gauge(PrometheusGauge)
    case histogram(PrometheusHistogram)

    var kind: MetricFamily.Kind {
      switch self {
      case .counter: .counter
      case .gauge: .gauge
      case .histogram: .histogram
      }
    }

    var value: MetricFamily.Value {
      switch self {
      case .counter(let counter): .number(counter.value)
      case .gauge(let gauge): .number(gauge.value)
      case .histogram(let histogram): .histogram(histogram.value)
      }
    }
  }

  private struct Registered {
    var families: [String: [MetricLabels: Handler]] = [:]
    var seriesCount = 0
    var collectors: [@Sendable () -> [MetricFamily]] = []
  }

  private let descriptions: [String: MetricDescription]
  private let seriesLimit: Int
  private let registered: Mutex<Registered>
  private let overflow = PrometheusCounter()

  /// A registry without series.
  /// - Parameter descriptions: help and buckets by name; others get their name as help, and buckets of stages.
  package init(
    descriptions: [MetricDescription] = Array(MetricDescription.all.values), seriesLimit: Int = Limits.metricSeries
  ) {
    self.descriptions = Dictionary(descriptions.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    self.seriesLimit = seriesLimit
    registered = Mutex(Registered())
  }

  // MARK: Showing

  /// Adds what is asked for families at each scrape. Called on any thread; must return at once.
  package func addCollector(_ collect: @escaping @Sendable () -> [MetricFamily]) {
    registered.withLock { $0.collectors.append(collect) }
  }

  /// All families now, those of collectors included, sorted by nothing.
  package var families: [MetricFamily] {
    let (own, collectors) = registered.withLock { ($0.families, $0.collectors) }
    var families: [String: MetricFamily] = [:]
    for (name, series) in own {
      guard let kind = series.values.first?.kind else { continue }
      families[name] = MetricFamily(
        name: name, help: descriptions[name]?.help ?? name, kind: kind,
        series: series.map { .init(labels: $0.key, value: $0.value.value) })
    }
    var room = seriesLimit
    for collect in collectors {
      for var family in collect() {
        if family.series.count > room {
          overflow.increment(by: Int64(family.series.count - room))
          family.series.removeLast(family.series.count - room)
        }
        room -= family.series.count
        families[
          family.name, default: MetricFamily(name: family.name, help: family.help, kind: family.kind, series: [])
        ]
        .series += family.series
      }
    }
    // The bounds that others count, and that of the series themselves.
    var bounds = families[MetricName.boundsReached.rawValue] ?? MetricFamily(.boundsReached, [])
    let labels = MetricLabels([("bound", Bound.metricSeries.rawValue)])
    bounds.series.append(.init(labels: labels, value: .number(overflow.value)))
    families[bounds.name] = bounds
    return Array(families.values)
  }

  /// The exposition.
  package var text: String { MetricFamily.text(families) }

  /// Forgets every series that has all of these labels. Who still has a handler counts into nothing.
  package func removeSeries(with labels: [(String, String)]) {
    let labels = MetricLabels(labels)
    guard !labels.labels.isEmpty else { return }
    registered.withLock { registered in
      for (name, series) in registered.families {
        let kept = series.filter { !$0.key.contains(labels) }
        registered.seriesCount -= series.count - kept.count
        registered.families[name] = kept
      }
    }
  }

  // MARK: Handlers

  /// The histogram of a name, for those who add many observations at once.
  package func histogram(_ name: MetricName, _ labels: [(String, String)] = []) -> PrometheusHistogram {
    histogram(label: name.rawValue, labels)
  }

  package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    counter(label, dimensions)
  }

  package func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    counter(label, dimensions)
  }

  package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler { gauge(label, dimensions) }

  package func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    aggregate ? histogram(label: label, dimensions) : gauge(label, dimensions)
  }

  package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    histogram(label: label, dimensions)
  }

  package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
  package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
  package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
  package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
  package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

  private func counter(_ label: String, _ dimensions: [(String, String)]) -> PrometheusCounter {
    let name = label.hasSuffix("_total") ? label : label + "_total"
    let handler = register(name, dimensions, .counter) { .counter(PrometheusCounter()) }
    if case .counter(let counter)? = handler { return counter }
    return PrometheusCounter()
  }

  private func gauge(_ label: String, _ dimensions: [(String, String)]) -> PrometheusGauge {
    if case .gauge(let gauge)? = register(label, dimensions, .gauge, { .gauge(PrometheusGauge()) }) { return gauge }
    return PrometheusGauge()
  }

  private func histogram(label: String, _ dimensions: [(String, String)]) -> PrometheusHistogram {
    let bounds = descriptions[label].map(\.bounds) ?? MetricDescription.stageBounds
    let handler = register(label, dimensions, .histogram) { .histogram(PrometheusHistogram(bounds: bounds)) }
    if case .histogram(let histogram)? = handler { return histogram }
    return PrometheusHistogram(bounds: bounds)
  }

  /// The handler of a series, made if there is room.
  /// - Returns: nil if there is none, or if the name belongs to another kind of metric.
  private func register(
    _ label: String, _ dimensions: [(String, String)], _ kind: MetricFamily.Kind, _ make: () -> Handler
  ) -> Handler? {
    let (name, labels) = (MetricText.validName(label), MetricLabels(dimensions))
    let handler: Handler? = registered.withLock { registered in
      let family = registered.families[name] ?? [:]
      if let known = family[labels] { return known.kind == kind ? known : nil }
      guard registered.seriesCount < seriesLimit, family.values.first.map({ $0.kind == kind }) ?? true else {
        return nil
      }
      let new = make()
      registered.families[name, default: [:]][labels] = new
      registered.seriesCount += 1
      return new
    }
    if handler == nil { overflow.increment(by: Int64(1)) }
    return handler
  }

  private func remove(_ handler: AnyObject) {
    registered.withLock { registered in
      for (name, series) in registered.families {
        let kept = series.filter { entry in
          switch entry.value {
          case .counter(let counter): counter !== handler
          case .gauge(let gauge): gauge !== handler
          case .histogram(let histogram): histogram !== handler
          }
        }
        registered.seriesCount -= series.count - kept.count
        registered.families[name] = kept
      }
    }
  }
}
