import CoreMetrics
import Domain
import Testing

@testable import AdminAPI

@Suite("Figures of a worker")
struct FiguresTests {
  private func release(_ version: String, _ step: ReleaseStep) -> ReleaseRecord {
    let ready = ModelReady(
      identity: ReleaseIdentity(model: "m", version: version, digest: "sha256:\(version)"), archiveDigest: "a", size: 1,
      uri: "file:/x")
    var record = ReleaseRecord(ready, intent: .activate, commandID: "c\(version)", sequence: 0, at: 0)
    record.step = step
    return record
  }

  private func activation(_ version: String, _ generation: Int, _ kind: CommandKind = .modelReady) -> Activation {
    var activation = Activation(version: version, commandID: "c\(version)", kind: kind, at: 0, isFromBacklog: false)
    activation.isPlanned = false
    activation.generation = generation
    return activation
  }

  /// Version 2 is live, 1 is the way back, 3 is on its way, 4 was refused.
  private var state: WorkerState {
    var ledger = ModelLedger(model: "m")
    ledger.releases = [release("1", .warm), release("2", .live), release("3", .fetched), release("4", .refused)]
    ledger.activations = [activation("1", 1), activation("2", 2)]
    var state = WorkerState()
    state.models["m"] = ledger
    return state
  }

  @Test("The live release, the way back and what is on its way are told apart")
  func roles() {
    var figures = WorkerFigures()
    figures.state = state
    figures.lag = ["my-topic-12": 7]
    figures.lanes = [.serving: 2]
    figures.isReady = true
    let text = MetricFamily.text(figures.families(GateFigures(BoundsReached(PrometheusMetrics()))))
    for line in [
      #"understudy_model_info{digest="sha256:1",model="m",role="previous",version="1"} 1"#,
      #"understudy_model_info{digest="sha256:2",model="m",role="active",version="2"} 1"#,
      #"understudy_model_info{digest="sha256:3",model="m",role="candidate",version="3"} 1"#,
      #"understudy_consumer_lag_records{partition="12",topic="my-topic"} 7"#, #"understudy_lanes{state="serving"} 2"#,
      #"understudy_lanes{state="paused"} 0"#, "understudy_outbox_events 0", "understudy_ready 1",
    ] { #expect(text.contains(line + "\n"), "\(line)\n\(text)") }
    #expect(!text.contains("sha256:4"))
  }

  @Test("Swaps are counted by their result, and their steps and the whole way from the command are measured")
  func swaps() {
    let metrics = PrometheusMetrics()
    let swaps = SwapMetrics(metrics, models: ["m"])
    #expect(metrics.text.contains(#"understudy_model_swaps_total{model="m",result="rolled_back"} 0"#))
    func event(_ type: EventType, at time: Int64, _ change: (inout Event) -> Void = { _ in }) -> Event {
      var event = Event(id: "e", type: type, time: time, worker: "w", group: "g")
      event.model = "m"
      event.commandID = "c2"
      change(&event)
      return event
    }
    var change = StateChange(state: state)
    change.events = [event(.commandAccepted, at: 1000)]
    swaps.observe(change)
    change.events = [
      event(.releaseLive, at: 3000) {
        $0.generation = 2
        $0.timings = ["fetch": 40, "switch": 2]
      }, event(.releaseRefused, at: 3000),
    ]
    swaps.observe(change)
    change.state.models["m"]?.activations.append(activation("1", 3, .rollback))
    change.events = [event(.releaseLive, at: 4000) { $0.generation = 3 }]
    swaps.observe(change)
    let text = metrics.text
    for line in [
      #"understudy_model_swaps_total{model="m",result="ok"} 1"#,
      #"understudy_model_swaps_total{model="m",result="refused"} 1"#,
      #"understudy_model_swaps_total{model="m",result="rolled_back"} 1"#,
      #"understudy_model_swap_duration_seconds_sum{model="m",phase="total"} 2"#,
      #"understudy_model_swap_duration_seconds_count{model="m",phase="total"} 1"#,
      #"understudy_model_swap_duration_seconds_bucket{model="m",phase="fetch",le="0.05"} 1"#,
      #"understudy_model_swap_duration_seconds_bucket{model="m",phase="fetch",le="0.01"} 0"#,
    ] { #expect(text.contains(line + "\n"), "\(line)\n\(text)") }
  }

  @Test("P8: of commands on their way the newest are timed, however many never end")
  func commandsOnTheirWay() {
    let metrics = PrometheusMetrics()
    let swaps = SwapMetrics(metrics, models: ["m"])
    func observe(_ type: EventType, _ command: Int, at time: Int64) {
      var event = Event(id: "e", type: type, time: time, worker: "w", group: "g")
      (event.model, event.commandID, event.generation) = ("m", "c\(command)", 2)
      var change = StateChange(state: state)
      change.events = [event]
      swaps.observe(change)
    }
    for command in 0...Limits.commandsTimed { observe(.commandAccepted, command, at: 1000) }
    // The first ones were forgotten when there were too many.
    observe(.releaseLive, 0, at: 9000)
    observe(.releaseLive, Limits.commandsTimed, at: 3000)
    for line in [
      #"understudy_model_swap_duration_seconds_sum{model="m",phase="total"} 2"#,
      #"understudy_model_swap_duration_seconds_count{model="m",phase="total"} 1"#,
    ] { #expect(metrics.text.contains(line + "\n"), "\(line)\n\(metrics.text)") }
  }

  @Test("P8: connections beyond the limit wait, and each time that the last place is taken counts")
  func connections() {
    let metrics = PrometheusMetrics()
    let reached = Counter(label: MetricName.boundsReached.rawValue, dimensions: [("bound", "b")], factory: metrics)
    var limit = ConnectionLimit(Limits.adminConnections, reached: reached)
    for _ in 1..<Limits.adminConnections { limit.connectionOpened() }
    #expect(limit.isAcceptingNewConnections())
    for _ in 0..<2 {
      limit.connectionOpened()
      #expect(!limit.isAcceptingNewConnections())
      limit.connectionClosed()
      #expect(limit.isAcceptingNewConnections())
    }
    #expect(metrics.text.contains(#"understudy_bounds_reached_total{bound="b"} 2"# + "\n"), "\(metrics.text)")
  }

  @Test("Lanes' transactions are added by topic, and the newest record is the newest of all")
  func lanes() {
    let metrics = PrometheusMetrics()
    let lanes = LaneMetrics(metrics, topics: ["a", "b"])
    var figures = TransactionFigures()
    figures.records = ["a": 3, "elsewhere": 1]
    figures.newestTimestamp = 5000
    figures.latencies.add(milliseconds: 7)
    lanes.add(figures)
    figures.newestTimestamp = 4000
    lanes.add(figures)
    let text = metrics.text
    for line in [
      #"understudy_records_consumed_total{topic="a"} 6"#, #"understudy_records_consumed_total{topic="b"} 0"#,
      "understudy_last_record_timestamp_seconds 5", "understudy_end_to_end_latency_seconds_count 2",
      #"understudy_stage_duration_seconds_count{stage="commit"} 2"#,
    ] { #expect(text.contains(line + "\n"), "\(line)\n\(text)") }
    #expect(!text.contains("elsewhere"))
  }

  @Test("The gate's figures are the newest run of each release")
  func gate() {
    let gate = GateFigures(BoundsReached(PrometheusMetrics()))
    let identity = ReleaseIdentity(model: "m", version: "1", digest: "sha256:1")
    var report = GateReport()
    report.endToEnd = .init(rows: 10, failedRows: 2)
    report.confidence = .init(metric: .rocAUC, value: 0.75, acceptableRange: 0.9...1, rows: 100)
    report.refusal = Refusal(.metricOutOfRange, "roc_auc is 0.75")
    gate.record(.init(report, of: identity))
    var text = MetricFamily.text(gate.collect())
    #expect(text.contains(#"understudy_gate_passed{model="m",version="1"} 0"#))
    #expect(
      text.contains(
        #"understudy_quality_set_metric{metric="roc_auc",model="m",set="confidence",version="1"} 0.75"#))
    #expect(
      text.contains(
        #"understudy_quality_set_metric{metric="failed_rows",model="m",set="end_to_end",version="1"} 2"#))
    report.refusal = nil
    gate.record(.init(report, of: identity))
    text = MetricFamily.text(gate.collect())
    #expect(text.contains(#"understudy_gate_passed{model="m",version="1"} 1"#))
    gate.remove(model: "m", version: "1")
    #expect(!MetricFamily.text(gate.collect()).contains("version"))
  }

  @Test("The kernel's figures of a process are read, whatever its name")
  func process() {
    let line =
      "7 (a) (b) c) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 4 0 12345 1000000 200 18446744073709551615 1 1 0"
    let statistics = ProcessFigures.Statistics(line)
    #expect(statistics?.cpuTicks == 300 && statistics?.threads == 4 && statistics?.startTicks == 12345)
    #expect(statistics?.virtualBytes == 1_000_000 && statistics?.residentPages == 200)
    #expect(ProcessFigures.Statistics("7 (a S 1") == nil)
    #expect(ProcessFigures.Statistics("7 (a) S 1") == nil)
    #expect(ProcessFigures.bootTime("cpu 1\nbtime 1700000000\n") == 1_700_000_000)
    #expect(ProcessFigures.maximumFiles("Max open files            1024     4096     files\n") == 1024)
    #expect(ProcessFigures.maximumFiles("Max open files            unlimited     unlimited     files\n") == nil)
    let names = Set(ProcessFigures.collect().map(\.name))
    #expect(names.isSuperset(of: ["process_cpu_seconds_total", "process_open_fds", "process_start_time_seconds"]))
  }
}
