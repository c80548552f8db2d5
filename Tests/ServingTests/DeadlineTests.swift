import Domain
import Serving
import Synchronization
import Testing

/// What slow releases cost others.
struct DeadlineTests {
  /// Busy for some time per row.
  private final class SlowStage: Stage {
    let signature = StageSignature(
      inputs: [ColumnDescriptor(name: "x", datatype: .float64)],
      outputs: [ColumnDescriptor(name: "y", datatype: .float64)])
    private let each: Duration
    private let calls = Mutex<[Int]>([])

    init(each: Duration) { self.each = each }

    var runs: [Int] { calls.withLock { $0 } }

    func run(
      _ binding: StageBinding, on columns: borrowing Columns, rows: Range<Int>, within limit: Duration
    ) throws(StageFailure) {
      calls.withLock { $0.append(rows.count) }
      let end = ContinuousClock.now + each * rows.count
      while ContinuousClock.now < end {}
      for row in rows { columns[binding.outputs[0]].set(float64: 1, at: row) }
    }
  }

  private static func bench(_ stage: SlowStage, deadlineMilliseconds: Int, constant: Bool = false) throws -> Bench {
    let rules = constant ? AnswerGuard(constant: [[.number(-1)]]) : nil
    let release = try GuardRelease.load(outputs: [GuardRelease.output("y")], guard: rules, stage)
    return Bench(
      [release],
      policy: ServingPolicy(
        worker: "w-0", group: "g", defaultModel: "loan", fallbacks: constant ? ["loan": [.constant]] : [:],
        batchDeadlineMilliseconds: deadlineMilliseconds))
  }

  @Test func `P7: what a batch has no time for is told so, what was scored in time is answered`() throws {
    let bench = try Self.bench(SlowStage(each: .milliseconds(2)), deadlineMilliseconds: 200)
    let answers = bench.send((0..<200).map { Bench.Request(#"{"id":\#($0),"x":1}"#) })
      .filter { $0.destination == .responses }
    try #require(answers.map(\.request) == Array(0..<200))
    let statuses = answers.map { $0.header("x-status") }
    let scored = try #require(statuses.firstIndex(of: "error"))
    #expect(scored >= 32, "the first run is scored whatever it takes")
    #expect(statuses[..<scored].allSatisfy { $0 == "ok" })
    #expect(statuses[scored...].allSatisfy { $0 == "error" })
    #expect(answers[199].text.contains(#""code":"DEADLINE_EXCEEDED","reason":"deadline""#))
    #expect(answers[199].text.contains(#""retryable":true"#))
  }

  @Test(
    "P7: a row that a stage does not end on is found within the time of its batch, all others are scored",
    arguments: [0, 77, 199])
  func hang(bad: Int) throws {
    var runs: [String] = []
    // A machine that has no time for seconds has sound rows fail, too; not again and again.
    for _ in 0..<3 {
      let stage = HangingStage()
      let release = try GuardRelease.load(outputs: [GuardRelease.output("y")], stage)
      let policy = ServingPolicy(
        worker: "w-0", group: "g", defaultModel: "loan", batchDeadlineMilliseconds: 8000)
      let bench = Bench([release], policy: policy)
      let started = ContinuousClock.now
      let answers = bench.send((0..<200).map { Bench.Request(#"{"id":\#($0),"x":\#(bad == $0 ? -1 : 1)}"#) })
        .filter { $0.destination == .responses }
      #expect(started.duration(to: .now) < .seconds(60))
      try #require(answers.map(\.request) == Array(0..<200))
      #expect(answers[bad].text.contains(#""reason":"deadline","message":"interrupted (batch.deadline_milliseconds)""#))
      if answers.indices.filter({ answers[$0].header("x-status") != "ok" }) == [bad] { return }
      runs.append("\(stage.runs)")
    }
    Issue.record("sound rows failed: \(runs)")
  }

  @Test func `P7: where every row takes for ever the batch ends in its time all the same`() throws {
    let stage = HangingStage()
    let release = try GuardRelease.load(outputs: [GuardRelease.output("y")], stage)
    let bench = Bench(
      [release], policy: ServingPolicy(worker: "w-0", group: "g", defaultModel: "loan", batchDeadlineMilliseconds: 500))
    let started = ContinuousClock.now
    let answers = bench.send((0..<500).map { _ in Bench.Request(#"{"x":-1}"#) })
      .filter { $0.destination == .responses }
    let took = started.duration(to: .now)
    #expect(answers.count == 500 && answers.allSatisfy { $0.text.contains(#""reason":"deadline""#) })
    // The time of the batch, and the least that a run is given; each row by itself would have fifty seconds.
    #expect(took > .milliseconds(450) && took < .seconds(25), "\(took)")
  }

  @Test func `P7: rows that fail and rows that never end, in turns, do not make a batch longer`() throws {
    let features = ScriptedStage([.init(name: "f", datatype: .float64)]) { $0 == 5 ? nil : [[.number($0)]] }
    let release = try GuardRelease.load(outputs: [GuardRelease.output("y")], features: features, HangingStage("f"))
    let bench = Bench(
      [release], policy: ServingPolicy(worker: "w-0", group: "g", defaultModel: "loan", batchDeadlineMilliseconds: 500))
    let started = ContinuousClock.now
    let answers = bench.send((0..<400).map { Bench.Request(#"{"x":\#($0 % 2 == 0 ? 5 : -1)}"#) })
      .filter { $0.destination == .responses }
    let took = started.duration(to: .now)
    #expect(answers.count == 400 && answers.allSatisfy { $0.header("x-status") == "error" })
    // Each by itself they would take twenty seconds.
    #expect(took < .seconds(12), "\(took)")
  }

  @Test func `P7: another release of the batch is scored whatever the first one took`() throws {
    let hanging = try GuardRelease.load("loan", outputs: [GuardRelease.output("y")], HangingStage())
    let other = try GuardRelease.load("other", outputs: [GuardRelease.output("y")], HangingStage())
    let policy = ServingPolicy(worker: "w-0", group: "g", defaultModel: "loan", batchDeadlineMilliseconds: 8000)
    let bench = Bench([hanging, other], policy: policy)
    let answers = bench.send([
      Bench.Request(#"{"x":-1}"#), Bench.Request(#"{"x":1}"#, [RecordHeader("x-model", "other")]),
    ]).filter { $0.destination == .responses }
    #expect(answers.map { $0.header("x-status") } == ["error", "ok"])
  }

  @Test func `a slow release is not interrupted in what it was measured to take`() throws {
    let stage = HangingStage(each: .milliseconds(40))
    let release = try GuardRelease.load(outputs: [GuardRelease.output("y")], stage)
    let policy = ServingPolicy(worker: "w-0", group: "g", defaultModel: "loan", batchDeadlineMilliseconds: 20_000)
    let bench = Bench([release], policy: policy)
    for _ in 0..<3 {
      let answers = bench.send((0..<8).map { _ in Bench.Request(#"{"x":1}"#) })
      #expect(answers.allSatisfy { $0.header("x-status") == "ok" }, "\(stage.runs)")
    }
    let patient = stage.runs.suffix(8).filter { $0.rows > 1 }
    #expect(patient.allSatisfy { $0.limit >= .milliseconds(40) * $0.rows * (Limits.runPatience / 4) }, "\(stage.runs)")
  }

  @Test func `a constant answers also what there was no time for`() throws {
    let bench = try Self.bench(SlowStage(each: .milliseconds(2)), deadlineMilliseconds: 60, constant: true)
    let answers = bench.send((0..<200).map { _ in Bench.Request(#"{"x":1}"#) })
    #expect(answers.count == 200)
    #expect(
      answers[199].text.contains(
        #""outputs":{"y":-1},"fallback":{"model":"loan","version":"1","constant":true,"reason":"deadline""#))
  }

  @Test func `rows are capped by what they take, and records by what a batch takes`() throws {
    let slow = SlowStage(each: .milliseconds(10))
    let bench = try Self.bench(slow, deadlineMilliseconds: 5000)
    #expect(bench.pipeline.recordLimit == Limits.firstBatchRecords)
    _ = bench.send((0..<Limits.firstBatchRecords).map { _ in Bench.Request(#"{"x":1}"#) })
    let most = Limits.runMilliseconds / 10
    #expect(slow.runs.first == min(Limits.firstRunRows, Limits.runSizes[0]))
    #expect(slow.runs.dropFirst().allSatisfy { $0 <= most }, "\(slow.runs)")
    #expect(bench.pipeline.recordLimit <= Limits.batchMilliseconds / 10)
    let fast = try Self.bench(SlowStage(each: .zero), deadlineMilliseconds: 5000)
    // When it grows, and how far, depends on what else the machine does.
    for _ in 0..<100 where fast.pipeline.recordLimit <= Limits.firstBatchRecords {
      _ = fast.send((0..<fast.pipeline.recordLimit).map { _ in Bench.Request(#"{"x":1}"#) })
    }
    #expect(fast.pipeline.recordLimit > Limits.firstBatchRecords)
  }
}
