import CoreMetrics
import Domain
import Testing

@testable import AdminAPI

@Suite("Prometheus' text format")
struct ExpositionTests {
  private let descriptions = [
    MetricDescription("a_total", .counter, "Counts \\ what\nhappens."),
    MetricDescription("b_seconds", .histogram, "Takes time.", bounds: [0.25, 0.5, 1]),
    MetricDescription("c", .gauge, "Is so much."),
  ]

  /// Without the metric of the registry itself.
  private func text(_ metrics: PrometheusMetrics) -> String {
    MetricFamily.text(metrics.families.filter { $0.name != MetricName.boundsReached.rawValue })
  }

  @Test("The text is what Prometheus reads: help, type, sorted series, cumulative buckets")
  func golden() {
    let metrics = PrometheusMetrics(descriptions: descriptions)
    Counter(label: "a", dimensions: [("z", "2"), ("b", "x")], factory: metrics).increment(by: 3)
    Counter(label: "a_total", dimensions: [("b", "w")], factory: metrics).increment(by: 0)
    let timer = Timer(label: "b_seconds", dimensions: [("stage", "s")], factory: metrics)
    for milliseconds in [250, 251, 800, 5000] { timer.recordMilliseconds(milliseconds) }
    Gauge(label: "c", factory: metrics).record(-1.5)
    #expect(
      text(metrics) == """
        # HELP a_total Counts \\\\ what\\nhappens.
        # TYPE a_total counter
        a_total{b="w"} 0
        a_total{b="x",z="2"} 3
        # HELP b_seconds Takes time.
        # TYPE b_seconds histogram
        b_seconds_bucket{stage="s",le="0.25"} 1
        b_seconds_bucket{stage="s",le="0.5"} 2
        b_seconds_bucket{stage="s",le="1"} 3
        b_seconds_bucket{stage="s",le="+Inf"} 4
        b_seconds_sum{stage="s"} 6.301
        b_seconds_count{stage="s"} 4
        # HELP c Is so much.
        # TYPE c gauge
        c -1.5

        """)
  }

  @Test("Values of labels are escaped, names made valid, long values cut between characters")
  func escaping() {
    let metrics = PrometheusMetrics(descriptions: descriptions)
    Counter(label: "a", dimensions: [("k-1", "\"\\\n ü")], factory: metrics).increment()
    #expect(text(metrics).contains(#"a_total{k_1="\"\\\n ü"} 1"#))
    #expect(MetricText.validName("1a:b é") == "_a_b___")
    #expect(MetricText.validName("") == "_")
    let long = String(repeating: "ü", count: 300)
    #expect(MetricText.shortened(long) == String(repeating: "ü", count: Limits.metricLabelBytes / 2))
  }

  @Test(
    arguments: [
      (0.0, "0"), (-3, "-3"), (1e17, "1e+17"), (0.1, "0.1"), (1e-5, "1e-05"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
      (.nan, "NaN"),
    ] as [(Double, String)])
  func `numbers are written as Go reads them`(value: Double, text: String) {
    #expect(MetricText.number(value) == text)
  }

  @Test("What is no number is not observed, and counters never go back")
  func strange() {
    let metrics = PrometheusMetrics(descriptions: descriptions)
    let recorder = Recorder(label: "b_seconds", factory: metrics)
    recorder.record(Double.nan)
    recorder.record(Double.infinity)
    let counter = Counter(label: "a", factory: metrics)
    counter.increment(by: 2)
    counter.increment(by: -1)
    #expect(text(metrics).contains("b_seconds_count 0\n"))
    #expect(text(metrics).contains("a_total 2\n"))
  }

  @Test("Every metric of the table has help that is a sentence, a name with a unit, and ascending buckets")
  func table() {
    for name in MetricName.allCases {
      let description = MetricDescription.all[name]
      #expect(description?.name == name.rawValue)
      #expect(description?.help.hasSuffix(".") == true)
      #expect((description?.kind == .counter) == name.rawValue.hasSuffix("_total"), "\(name)")
      let bounds = description?.bounds ?? []
      #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count)
      #expect((description?.kind == .histogram) == !bounds.isEmpty, "\(name)")
    }
  }
}
