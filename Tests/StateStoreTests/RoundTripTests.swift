import Domain
import Foundation
import GRDB
import Testing
import TestSupport
import Wire

@testable import StateStore

struct RoundTripTests {
  let directory: TemporaryDirectory
  init() throws { directory = try TemporaryDirectory() }

  func open() throws -> SQLiteStateRepository {
    try SQLiteStateRepository(StateDirectory(path: directory.path, owner: "slot w-0"), reports: GateReportCodec())
  }

  /// A state that is on disk, read by a repository that was opened anew.
  func reopened(after states: WorkerState...) throws -> WorkerState {
    do {
      let repository = try open()
      var previous = try repository.load()
      for state in states {
        try repository.commit(StateChange(state: state), from: previous)
        previous = state
      }
    }
    return try open().load()
  }

  @Test func `a new state is empty`() throws {
    #expect(try open().load() == WorkerState())
  }

  @Test func `P3: a state comes back whole after a restart`() throws {
    #expect(try reopened(after: SampleState.full) == SampleState.full)
  }

  @Test func `a state of the first build's tables is read, with nothing known of gates`() throws {
    try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
    let database = try DatabaseQueue(path: "\(directory.path)/understudy.sqlite")
    try Schema.migrator.migrate(database, upTo: "v1")
    try database.write { db in
      try db.execute(
        sql: """
          INSERT INTO model (name, generation) VALUES ('loan', 3);
          INSERT INTO release VALUES ('loan', '1', 'sha256:1', 'sha256:t', 9, 'file:/1.tar', 'live', 'activate', 'c1', 1, 0, 4, 5, NULL, NULL);
          """)
    }
    try database.close()
    let record = try #require(try open().load().models["loan"]?.release("1"))
    #expect(record.step == .live && record.attempts == 0 && record.report == nil && record.gatedAt == nil)
  }

  @Test func `P3: only what changed is written, and what is gone is gone`() throws {
    var next = SampleState.full
    next.controlOffset += 1
    next.consumePause = nil
    var loan = try #require(next.models["loan"])
    loan.releases.removeFirst(3)
    loan.releases[0].step = .retired
    loan.releases.append(SampleState.release("new", step: .announced, sequence: 99))
    loan.activations.removeLast()
    loan.pendingSwitch = nil
    loan.hold = nil
    loan.pause = nil
    next.models["loan"] = loan
    #expect(try reopened(after: SampleState.full, next) == next)
  }

  private func activation(_ version: String) -> Activation {
    SampleState.activation(version, generation: 1, from: nil, command: "c", kind: .modelReady)
  }

  @Test func `P3: a stack of activations comes back whole, whatever changes in it`() throws {
    var generator = SeededGenerator()
    var ledger = ModelLedger(model: "loan")
    ledger.activations = (0..<30).map { activation("v\($0)") }
    var states: [WorkerState] = []
    for number in 0..<60 {
      let place = Int.random(in: 0..<ledger.activations.count, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0: ledger.activations.append(activation("new\(number)"))
      case 1: ledger.activations.removeSubrange(place...)
      case 2: ledger.activations.removeFirst(min(2, ledger.activations.count))
      case 3: ledger.activations[place].isConfirmed.toggle()
      default: ledger.activations.insert(activation("between\(number)"), at: place)
      }
      ledger.activations.append(activation("last\(number)"))
      var state = WorkerState()
      state.models["loan"] = ledger
      states.append(state)
    }
    for (number, state) in states.enumerated() {
      let repository = try open()
      try repository.commit(StateChange(state: state), from: number == 0 ? WorkerState() : states[number - 1])
      #expect(try repository.load() == state, "seed \(generator.seed), change \(number)")
    }
  }

  @Test(arguments: ReleaseStep.allCases)
  func `of a release whose files are gone a summary of its report is kept`(step: ReleaseStep) throws {
    var report = SampleState.report
    let gap = GateReport.Gap(
      input: "region", judgedSlices: 1, slices: 1, gap: nil, maximumGap: nil, acceptableRange: nil)
    report.confidence = GateReport.Confidence(
      metric: .rocAUC, value: 0.75, acceptableRange: 0.9...1, rows: 100, failedRows: 1,
      failures: [.init(line: 7, output: nil, expected: "", found: "decode_failed")],
      slices: [.init(input: "region", value: "\"north\"", rows: 40, metric: 0.5, isJudged: true)], gaps: [gap])
    var state = WorkerState()
    var ledger = ModelLedger(model: "loan")
    ledger.releases = [SampleState.release("1", step: step, sequence: 0)]
    ledger.releases[0].report = report
    state.models = ["loan": ledger]
    let kept = try #require(try reopened(after: state).models["loan"]?.release("1")?.report)
    guard [.superseded, .refused, .retired].contains(step) else {
      #expect(kept == report)
      return
    }
    #expect(kept == report.summary)
    #expect(kept.endToEnd?.failedRows == 1 && kept.endToEnd?.failures.isEmpty == true)
    #expect(kept.confidence?.value == 0.75 && kept.confidence?.slices.isEmpty == true)
    #expect(kept.confidence?.failures.isEmpty == true && kept.confidence?.gaps.isEmpty == true)
    #expect(kept.refusal == report.refusal)
  }

  @Test func `a move back to the state before leaves the state before`() throws {
    var between = SampleState.full
    between.models["loan"]?.activations = []
    between.models["risk"]?.generation = 77
    #expect(try reopened(after: SampleState.full, between, SampleState.full) == SampleState.full)
  }

  @Test(arguments: RefusalReason.allCases)
  func `every reason of a refusal comes back`(reason: RefusalReason) throws {
    var state = WorkerState()
    var ledger = ModelLedger(model: "loan")
    ledger.releases = [SampleState.release("1", step: .refused, sequence: 0, reason: reason)]
    state.models = ["loan": ledger]
    #expect(try reopened(after: state) == state)
  }

  // MARK: Outbox

  @Test func `events come back in order, with every field`() throws {
    let events = [SampleState.event("b"), SampleState.fullEvent, SampleState.event("a")]
    do {
      let repository = try open()
      var change = StateChange(state: WorkerState())
      change.events = events
      try repository.commit(change, from: WorkerState())
    }
    let stored = try open().pendingEvents(limit: 10)
    #expect(stored.map(\.event) == events)
    #expect(stored.map(\.position) == stored.map(\.position).sorted())
  }

  @Test(arguments: EventType.allCases)
  func `every type of event comes back`(type: EventType) throws {
    let repository = try open()
    var change = StateChange(state: WorkerState())
    change.events = [Event(id: "e", type: type, time: 1, worker: "w", group: "g")]
    try repository.commit(change, from: WorkerState())
    #expect(try repository.pendingEvents(limit: 1).map(\.event.type) == [type])
  }

  @Test func `events leave in rounds, and an acknowledged one never comes back`() throws {
    let repository = try open()
    func record(_ ids: [String]) throws {
      var change = StateChange(state: WorkerState())
      change.events = ids.map(SampleState.event)
      try repository.commit(change, from: WorkerState())
    }
    try record(["1", "2", "3", "4"])
    let round = try repository.pendingEvents(limit: 3)
    #expect(round.map(\.event.id) == ["1", "2", "3"])
    try repository.removeEvents(upTo: round[1].position)
    #expect(try repository.pendingEvents(limit: 9).map(\.event.id) == ["3", "4"])
    try repository.removeEvents(upTo: try #require(repository.pendingEvents(limit: 9).last).position)
    try record(["5"])
    let last = try repository.pendingEvents(limit: 9)
    #expect(last.map(\.event.id) == ["5"])
    #expect(last[0].position > round[2].position, "a place is not used twice")
  }

  // MARK: Commands

  @Test func `P3: a command is remembered over a restart and over its end`() throws {
    do {
      let repository = try open()
      #expect(try !repository.hasCommand("c1"))
      var change = StateChange(state: WorkerState())
      change.commands = [
        CommandRecord(id: "c1", kind: .rollback, model: "loan", controlOffset: 4, outcome: .accepted),
        CommandRecord(id: "c2", kind: nil, model: nil, controlOffset: 5, outcome: .rejected, reason: .malformed),
      ]
      try repository.commit(change, from: WorkerState())
      change.commands = [CommandRecord(id: "c1", kind: .rollback, model: "loan", controlOffset: 4, outcome: .applied)]
      try repository.commit(change, from: WorkerState())
    }
    let repository = try open()
    #expect(try repository.hasCommand("c1"))
    #expect(try repository.hasCommand("c2"))
    #expect(try !repository.hasCommand("c3"))
  }

  // MARK: Settings

  @Test func `the highest number of lanes is remembered`() throws {
    do {
      let repository = try open()
      #expect(try repository.recordLanes(2) == 2)
      #expect(try repository.recordLanes(5) == 5)
    }
    let repository = try open()
    #expect(try repository.recordLanes(1) == 5)
    #expect(try repository.recordLanes(6) == 6)
  }

  @Test func `a value outlives the process and can be replaced`() throws {
    do {
      let repository = try open()
      #expect(try repository.value(named: "x") == nil)
      try repository.setValue("1", named: "x")
      try repository.setValue("2 'ü'", named: "x")
    }
    #expect(try open().value(named: "x") == "2 'ü'")
  }
}
