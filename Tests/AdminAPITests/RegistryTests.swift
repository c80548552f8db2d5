import CoreMetrics
import Dispatch
import Domain
import Testing

@testable import AdminAPI

@Suite("The registry of metrics")
struct RegistryTests {
  private func number(_ metrics: PrometheusMetrics, _ name: String, _ labels: [(String, String)] = []) -> Double? {
    let series = metrics.families.first { $0.name == name }?.series.first { $0.labels == MetricLabels(labels) }
    if case .number(let value)? = series?.value { return value }
    return nil
  }

  @Test("The same name and labels are the same series, in whatever order the labels come")
  func identity() {
    let metrics = PrometheusMetrics()
    Counter(label: "x", dimensions: [("a", "1"), ("b", "2")], factory: metrics).increment()
    Counter(label: "x_total", dimensions: [("b", "2"), ("a", "1")], factory: metrics).increment()
    #expect(number(metrics, "x_total", [("a", "1"), ("b", "2")]) == 2)
  }

  @Test("Nothing that several threads count at once is lost")
  func concurrency() {
    let metrics = PrometheusMetrics(descriptions: [MetricDescription("h", .histogram, "h", bounds: [1, 2])])
    let (threads, rounds) = (8, 5000)
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      let counter = Counter(label: "c", factory: metrics)
      let recorder = Recorder(label: "h", factory: metrics)
      let meter = Meter(label: "m", factory: metrics)
      for round in 0..<rounds {
        counter.increment()
        recorder.record(round % 3 + 1)
        meter.increment()
        if thread == 0, round % 500 == 0 { _ = metrics.text }
      }
    }
    let all = Double(threads * rounds)
    #expect(number(metrics, "c_total") == all)
    #expect(number(metrics, "m") == all)
    let histogram = metrics.histogram(.latency)
    #expect(histogram.value.counts.reduce(0, +) == 0)
    guard case .histogram(let value)? = metrics.families.first(where: { $0.name == "h" })?.series.first?.value else {
      Issue.record("there is no histogram")
      return
    }
    #expect(value.counts.reduce(0, +) == Int64(all))
    let expected = (0..<rounds).reduce(0) { $0 + $1 % 3 + 1 } * threads
    #expect(value.sum == Double(expected))
  }

  @Test("P8: what found no room is counted by the bound, from zero on")
  func bounds() {
    let metrics = PrometheusMetrics()
    let bounds = BoundsReached(metrics)
    func reached(_ bound: Bound) -> Double? {
      number(metrics, MetricName.boundsReached.rawValue, [("bound", bound.rawValue)])
    }
    for bound in Bound.allCases { #expect(reached(bound) == 0, "\(bound)") }
    bounds.count(.outboxEvents, by: 3)
    bounds.count(.outboxEvents)
    #expect(reached(.outboxEvents) == 4 && reached(.commandsRemembered) == 0)
  }

  @Test("P8: series have a bound, what comes after it counts into nothing, and the overflow is counted")
  func bound() {
    let metrics = PrometheusMetrics(seriesLimit: 3)
    for number in 0..<10 {
      Counter(label: "x", dimensions: [("n", "\(number)")], factory: metrics).increment()
    }
    #expect(metrics.families.first { $0.name == "x_total" }?.series.count == 3)
    #expect(number(metrics, MetricName.boundsReached.rawValue, [("bound", "metric_series")]) == 7)
    // The series that there are go on counting.
    Counter(label: "x", dimensions: [("n", "0")], factory: metrics).increment()
    #expect(number(metrics, "x_total", [("n", "0")]) == 2)
    metrics.addCollector { [MetricFamily("y", help: "y", kind: .gauge, (0..<5).map { ([("n", "\($0)")], 1) })] }
    #expect(metrics.families.first { $0.name == "y" }?.series.count == 3)
  }

  @Test("P8: a worker's registry takes as many series as the bound says, and no more")
  func usualBound() {
    let metrics = PrometheusMetrics()
    for number in 0...Limits.metricSeries {
      Counter(label: "x", dimensions: [("n", "\(number)")], factory: metrics).increment()
    }
    #expect(metrics.families.first { $0.name == "x_total" }?.series.count == Limits.metricSeries)
    #expect(number(metrics, MetricName.boundsReached.rawValue, [("bound", "metric_series")]) == 1)
  }

  @Test("A name of one kind gives nobody a series of another")
  func kinds() {
    let metrics = PrometheusMetrics()
    Gauge(label: "x_total", factory: metrics).record(5)
    Counter(label: "x", factory: metrics).increment()
    #expect(metrics.families.first { $0.name == "x_total" }?.kind == .gauge)
    #expect(number(metrics, "x_total") == 5)
  }

  @Test("The series of a version that is gone can be removed, those of others stay, and room comes back")
  func removal() {
    let metrics = PrometheusMetrics(seriesLimit: 4)
    func count(_ version: String, _ status: String) {
      Counter(
        label: "r", dimensions: [("model", "m"), ("version", version), ("status", status)], factory: metrics
      ).increment()
    }
    for version in ["1", "2"] { for status in ["ok", "error"] { count(version, status) } }
    metrics.removeSeries(with: [])
    metrics.removeSeries(with: [("version", "1"), ("model", "m")])
    #expect(metrics.families.first { $0.name == "r_total" }?.series.count == 2)
    count("3", "ok")
    #expect(number(metrics, "r_total", [("model", "m"), ("version", "3"), ("status", "ok")]) == 1)
    let counter = Counter(
      label: "r", dimensions: [("model", "m"), ("version", "3"), ("status", "ok")], factory: metrics)
    counter.destroy()
    #expect(number(metrics, "r_total", [("model", "m"), ("version", "3"), ("status", "ok")]) == nil)
  }

  @Test("Latencies of a transaction come into the buckets in which they would be one by one")
  func tallies() {
    let metrics = PrometheusMetrics()
    var tally = LatencyTally()
    let milliseconds: [Int64] = [-5, 0, 1, 2, 3, 100, 101, 4_000_000]
    let (bulk, single) = (metrics.histogram(.latency, [("a", "bulk")]), metrics.histogram(.latency, [("a", "single")]))
    for value in milliseconds {
      tally.add(milliseconds: value)
      single.record(Double(max(0, value)) / 1000)
    }
    bulk.add(tally.counts, sum: Double(tally.sumMilliseconds) / 1000)
    #expect(bulk.value.counts == single.value.counts)
    #expect(abs(bulk.value.sum - single.value.sum) < 1e-6)
    bulk.add([1, 2], sum: 3)
    #expect(bulk.value.counts == single.value.counts)
  }
}
