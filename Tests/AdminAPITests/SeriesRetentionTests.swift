import CoreMetrics
import Domain
import Testing

@testable import AdminAPI

/// What becomes of the series of releases that come and go.
@Suite("Series of releases that are gone")
struct SeriesRetentionTests {
  private static let hour = Duration.seconds(Limits.retiredSeriesSeconds)
  private let metrics = PrometheusMetrics()
  private let bounds: BoundsReached
  private let gate: GateFigures
  private let retention: SeriesRetention
  private let start = ContinuousClock.now

  init() {
    bounds = BoundsReached(metrics)
    gate = GateFigures(bounds)
    retention = SeriesRetention(metrics, gate, bounds)
  }

  /// The move of a release to a step, with its event; the ledger knows the live version too.
  private func change(_ version: String, _ step: ReleaseStep, _ type: EventType, live: String? = nil) -> StateChange {
    func record(_ version: String, _ step: ReleaseStep) -> ReleaseRecord {
      let identity = ReleaseIdentity(model: "m", version: version, digest: "sha256:\(version)")
      var record = ReleaseRecord(
        ModelReady(identity: identity, archiveDigest: "a", size: 1, uri: "file:/x"), intent: .activate, commandID: "c",
        sequence: 0, at: 0)
      record.step = step
      return record
    }
    var ledger = ModelLedger(model: "m")
    ledger.releases = [record(version, step)]
    if let live {
      ledger.releases.append(record(live, .live))
      var activation = Activation(version: live, commandID: "c", kind: .modelReady, at: 0, isFromBacklog: false)
      activation.isPlanned = false
      ledger.activations = [activation]
    }
    var change = StateChange(state: WorkerState())
    change.state.models["m"] = ledger
    var event = Event(id: "e", type: type, time: 0, worker: "w", group: "g")
    (event.model, event.version) = ("m", version)
    event.report = GateReport()
    event.report?.endToEnd = .init(rows: 10, failedRows: step == .refused ? 1 : 0)
    change.events = [event]
    return change
  }

  private func observe(_ change: StateChange, after time: Duration = .zero) {
    gate.observe(change)
    retention.observe(change, at: start + time)
  }

  private func shows(_ version: String) -> Bool { gate.collect { $1 == version }.contains { !$0.series.isEmpty } }

  private func reached(_ bound: Bound) -> Double? {
    let family = metrics.families.first { $0.name == MetricName.boundsReached.rawValue }
    let series = family?.series.first { $0.labels == MetricLabels([("bound", bound.rawValue)]) }
    if case .number(let value)? = series?.value { return value }
    return nil
  }

  @Test("What is refused between two scrapes loses its series an hour later, and what is there keeps them")
  func refused() {
    observe(change("1", .warm, .releaseGated))
    observe(change("2", .refused, .releaseRefused))
    Counter(label: "r", dimensions: [("model", "m"), ("version", "2")], factory: metrics).increment()
    retention.removeDue(at: start + Self.hour - .seconds(1))
    #expect(shows("1") && shows("2"))
    retention.removeDue(at: start + Self.hour)
    #expect(shows("1") && !shows("2"))
    #expect(metrics.families.first { $0.name == "r_total" }?.series.isEmpty ?? true)
  }

  @Test("A version that has come back keeps its series, and nobody needs to scrape for others to lose theirs")
  func back() {
    observe(change("1", .refused, .releaseRefused))
    observe(change("2", .retired, .releaseGated))
    observe(change("1", .warm, .releaseGated), after: .seconds(10))
    observe(change("3", .warm, .releaseGated), after: Self.hour + .seconds(1))
    #expect(shows("1") && !shows("2") && shows("3"))
  }

  @Test("P8: of more versions that are gone than there is room for the oldest go early, and are counted")
  func manyGone() {
    for number in 0..<(Limits.retiredVersions + 7) {
      observe(change("\(number)", .refused, .releaseRefused), after: .milliseconds(number))
    }
    #expect(!shows("6") && shows("7"))
    #expect(reached(.retiredVersions) == 7)
  }

  @Test("P8: the newest runs of the gate take the place of the oldest, but not of what is live, and are counted")
  func manyRuns() {
    gate.observe(change("live", .live, .releaseGated))
    for number in 0..<(Limits.gateRuns + 4) {
      gate.observe(change("\(number)", .refused, .releaseRefused, live: "live"))
    }
    #expect(shows("live") && !shows("4") && shows("5") && shows("\(Limits.gateRuns + 3)"))
    #expect(reached(.gateRuns) == 5)
  }

  @Test("P8: when there are more series than a worker shows, those of what is live are not cut")
  func crowded() {
    let crowded = PrometheusMetrics(seriesLimit: 40)
    var figures = WorkerFigures()
    figures.state = change("0", .refused, .releaseRefused, live: "live").state
    figures.lag = Dictionary(uniqueKeysWithValues: (0..<100).map { ("t-\($0)", 1) })
    for number in 0..<100 { gate.observe(change("\(number)", .refused, .releaseRefused, live: "live")) }
    gate.observe(change("live", .live, .gatePassed))
    crowded.addCollector { [figures, gate] in figures.families(gate) }
    let text = crowded.text
    for line in [
      #"understudy_model_info{digest="sha256:live",model="m",role="active",version="live"} 1"#,
      #"understudy_gate_passed{model="m",version="live"} 1"#,
      #"understudy_quality_set_metric{metric="rows",model="m",set="end_to_end",version="live"} 10"#,
    ] { #expect(text.contains("\n\(line)\n"), "\(line)\n\(text)") }
  }
}
