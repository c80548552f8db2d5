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

    func run(_ binding: StageBinding, on columns: borrowing Columns, rows: Range<Int>) throws(StageFailure) {
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
    let bench = try Self.bench(SlowStage(each: .milliseconds(2)), deadlineMilliseconds: 60)
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
    for _ in 0..<4 {
      _ = fast.send((0..<fast.pipeline.recordLimit).map { _ in Bench.Request(#"{"x":1}"#) })
    }
    // How far it grows depends on what else the machine does.
    #expect(fast.pipeline.recordLimit > Limits.firstBatchRecords)
  }
}
