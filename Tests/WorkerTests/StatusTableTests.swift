import Domain
import Testing

@testable import understudy

/// Workers and releases as people see them.
struct StatusTableTests {
  static let now: Int64 = 1_795_500_000_000

  private func status(_ slot: Int, live version: String?, age seconds: Int64 = 1) -> WorkerStatus {
    var status = WorkerStatus(group: "g", slot: "w\(slot)", updatedAt: Self.now - seconds * 1000, build: "1")
    if let version {
      status.routes = [
        .init(model: "loan", version: version, digest: "sha256:1", generation: 3, since: Self.now, commandID: "c")
      ]
    }
    return status
  }

  @Test func `numbers that no worker has told are shown as the largest one, and end nothing`() {
    var status = status(0, live: "1")
    status.lag = ["a-0": .max, "a-1": 1]
    status.counters = ["ok": .max, "error": .max, "partial": -5]
    #expect(StatusTable([status], now: Self.now).text.contains("9223372036854775807  9223372036854775807"))
    var event = Event(id: "e", type: .releaseWarmed, time: 1, worker: "w", group: "g")
    event.timings = ["load": 1e300, "warm": -.greatestFiniteMagnitude]
    #expect(EventLine.text(event).contains("load 1000000000000000052504760255204420248704468581108159154915854115"))
  }

  @Test func `an answer of the guard or of a fallback is an answer`() {
    var status = status(0, live: "1")
    status.counters = ["ok": 10, "partial": 20, "error": 300, "fallback": 4000, "abstained": 5, "prompt": 6, "held": 7]
    #expect(StatusTable([status], now: Self.now).text.contains("4348      300"))
  }

  private func release(
    _ version: String, _ step: ReleaseStep, gate: WorkerStatus.Gate? = nil, _ refusal: Refusal? = nil
  ) -> WorkerStatus.Release {
    .init(
      model: "loan", version: version, digest: "sha256:0123456789abcdef", step: step, since: Self.now,
      commandID: "c", reason: refusal?.reason, message: refusal?.message, gate: gate)
  }

  private static func gate(_ change: (inout WorkerStatus.Gate) -> Void) -> WorkerStatus.Gate {
    var gate = WorkerStatus.Gate()
    change(&gate)
    return gate
  }

  private static let good = gate { gate in
    (gate.metric, gate.value, gate.acceptableRange, gate.endToEndRows) = (.rocAUC, 0.9928, 0.95...1, 24)
  }

  @Test(
    arguments: [
      (nil, "not run"), (gate { $0.isUngated = true }, "ungated"), (gate { _ in }, "no figures"),
      (good, "roc_auc 0.9928 in [0.95, 1], 24 rows end to end"),
      (
        gate { gate in
          (gate.metric, gate.value, gate.acceptableRange) = (.rocAUC, 0.94999999, 0.95...1)
          (gate.endToEndRows, gate.failedRows) = (24, 2)
        }, "roc_auc 0.94999999 not in [0.95, 1], 2 of 24 rows failed end to end"
      ),
      (gate { $0.metric = .brier }, "brier not defined"),
      (gate { ($0.isUngated, $0.endToEndRows) = (true, 1) }, "ungated, 1 row end to end"),
    ] as [(WorkerStatus.Gate?, String)])
  func `P3: figures of a gate in a cell`(gate: WorkerStatus.Gate?, text: String) {
    #expect(GateFigureText.text(gate) == text)
  }

  @Test func `a worker that serves another version is marked, and a line says who serves what`() {
    let text = StatusTable([status(0, live: "2"), status(1, live: "1"), status(2, live: "2")], now: Self.now).text
    #expect(
      text == """
           WORKER  HEARD    MODEL  LIVE  GEN  SINCE                 LAG  ANSWERED  ERRORS  NOTES
           g/w0    1 s ago  loan   2     3    2026-11-24T06:00:00Z  0    0         0
        !  g/w1    1 s ago  loan   1     3    2026-11-24T06:00:00Z  0    0         0
           g/w2    1 s ago  loan   2     3    2026-11-24T06:00:00Z  0    0         0
        ! loan: 2 on 2 workers, but 1 on g/w1
        """)
  }

  @Test func `workers in agreement have no mark, and one that was not heard of has no voice`() {
    var paused = status(0, live: "2")
    paused.paused = ["consume": "migration"]
    paused.held = ["other": "INC-1"]
    let text = StatusTable([paused, status(1, live: "1", age: 30)], now: Self.now).text
    #expect(
      text == """
        WORKER  HEARD            MODEL  LIVE  GEN  SINCE                 LAG  ANSWERED  ERRORS  NOTES
        g/w0    1 s ago          loan   2     3    2026-11-24T06:00:00Z  0    0         0       held other: INC-1; paused consume: migration
        g/w1    30 s ago, stale  loan   1     3    2026-11-24T06:00:00Z  0    0         0
        """)
    #expect(StatusTable([], now: Self.now).text == "no worker has told its status")
  }

  @Test func `P3: ungated releases and stopped models are noted, and a stopped one is marked`() {
    var ungated = status(0, live: "2")
    ungated.releases = [release("2", .live, gate: Self.gate { $0.isUngated = true })]
    var stopped = status(1, live: nil)
    stopped.stopped = ["loan": "2"]
    #expect(
      StatusTable([ungated, stopped, status(2, live: nil)], now: Self.now).text == """
           WORKER  HEARD    MODEL  LIVE  GEN  SINCE                 LAG  ANSWERED  ERRORS  NOTES
        !  g/w0    1 s ago  loan   2     3    2026-11-24T06:00:00Z  0    0         0       ungated
        !  g/w1    1 s ago  loan   -     -    -                     0    0         0       loan 2 stopped: failed its gate
           g/w2    1 s ago  -      -     -    -                     0    0         0
        ! loan: 2 on g/w0, but nothing on g/w1
        """)
  }

  @Test func `P3: workers that agree on a release share a row, others have one each`() {
    let refusal = Refusal(.tooSlow, "a row takes 9 µs")
    var statuses = [status(0, live: "1"), status(1, live: "1"), status(2, live: "1"), status(3, live: nil, age: 99)]
    for index in 0..<3 { statuses[index].releases = [release("1", .live, gate: Self.good)] }
    statuses[0].releases.insert(release("2", .refused, refusal), at: 0)
    statuses[1].releases.insert(release("2", .warm, gate: Self.good), at: 0)
    let one = "roc_auc 0.9928 in [0.95, 1], 24 rows end to end"
    #expect(
      ReleasesTable(statuses, now: Self.now).text == """
        MODEL  VERSION  STEP     WORKER         SINCE                 COMMAND  GATE                                             DIGEST               WHY
        loan   2        refused  g/w0           2026-11-24T06:00:00Z  c        not run                                          sha256:0123456789ab  too_slow: a row takes 9 µs
        loan   2        warm     g/w1           2026-11-24T06:00:00Z  c        \(one)  sha256:0123456789ab
        loan   1        live     all 3 workers  2026-11-24T06:00:00Z  c        \(one)  sha256:0123456789ab
        """)
    #expect(ReleasesTable(statuses, model: "other", now: Self.now).text == "no worker knows a release")
    // A worker that was not heard of is named as such, and its word does not count for the others.
    statuses[3].releases = [release("1", .live, gate: Self.good)]
    let text = ReleasesTable(statuses, now: Self.now).text
    #expect(text.contains("g/w3 (stale)") && text.contains("  g/w2  "))
  }
}
