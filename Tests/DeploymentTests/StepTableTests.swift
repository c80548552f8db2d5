import Deployment
import Domain
import Testing

/// Every step of a release × every input that can concern it. The release is v2; v1 was live before.
@Suite struct StepTableTests {
  enum Input: String, CaseIterable {
    case fetchDone, verifyDone, probeDone, loadDone, gateDone
    case fetchFailed, verifyFailed, probeFailed, loadFailed, gateFailed
    case fetchTrouble, probeTrouble, loadTrouble, gateTrouble, probeBegun, loadBegun, probeBegunOften
    case loadBegunOften, abandoned, switched, tick, pause, resume, readyStale
    case readyAgain, readyManual, readyDryRun, readyOtherDigest, rollback, traffic, retire
  }

  @Test(arguments: StepTable.rows)
  func `P4: a step and an input lead to the step, the events, the outcome and the actions of the table`(
    row: StepTable.Row
  ) {
    guard let step = ReleaseStep(rawValue: row.step), let input = Input(rawValue: row.input) else {
      Issue.record("no such row: \(row)")
      return
    }
    #expect(Self.observe(step, input) == row)
  }

  @Test func `every step and every input have a row`() {
    let wanted = ReleaseStep.allCases.flatMap { step in Input.allCases.map { "\(step.rawValue) \($0.rawValue)" } }
    #expect(StepTable.rows.map { "\($0.step) \($0.input)" }.sorted() == wanted.sorted())
  }

  static func observe(_ step: ReleaseStep, _ input: Input) -> StepTable.Row {
    var scenario = scenario(at: step)
    if scenario.step("v2") != step {
      return StepTable.Row(step: step.rawValue, input: input.rawValue, next: "not reached")
    }
    let command = apply(input, to: &scenario)
    return StepTable.Row(
      step: step.rawValue, input: input.rawValue, next: scenario.step("v2")?.rawValue ?? "-",
      events: scenario.last.change.events.filter { $0.type != .commandAccepted }.map(shown).joined(separator: ", "),
      outcome: command.flatMap { scenario.outcomes[$0]?.last?.rawValue } ?? "",
      actions: scenario.last.actions.map(shown).joined(separator: ", "))
  }

  private static func scenario(at step: ReleaseStep) -> Scenario {
    var scenario = Scenario()
    scenario.ready("v1")
    scenario.drain()
    switch step {
    case .announced: scenario.ready("v2")
    case .fetched:
      scenario.ready("v2")
      scenario.work()
    case .verified:
      scenario.ready("v2")
      scenario.work()
      scenario.work()
    case .probed:
      scenario.ready("v2")
      for _ in 0..<3 { scenario.work() }
    case .warm: scenario.ready("v2", .manual)
    case .live: scenario.ready("v2")
    case .stored:
      scenario.ready("v2", .manual)
      scenario.drain()
      scenario.ready("v3", .manual)
    case .held:
      scenario.pause()
      scenario.ready("v2")
    case .superseded:
      scenario.ready("v2")
      scenario.ready("v3")
    case .refused:
      scenario.ready("v2")
      scenario.failures["v2"] = (.verify, .badManifest)
    case .retired:
      scenario.ready("v2", .manual)
      scenario.drain()
      scenario.retire("v2")
    }
    if !step.isInProgress { scenario.drain() }
    return scenario
  }

  private static func apply(_ input: Input, to scenario: inout Scenario) -> String? {
    guard let release = scenario.ledger.release("v2") else { return nil }
    func work(_ kind: Work.Kind) -> Work { Work(release: release, kind: kind, hand: .background) }
    switch input {
    case .fetchDone: scenario.apply(.workDone(work(.fetch), timings: [:]))
    case .verifyDone: scenario.apply(.workDone(work(.verify), timings: [:]))
    case .probeDone: scenario.apply(.workDone(work(.probe), timings: [:]))
    case .loadDone: scenario.apply(.workDone(work(.load), timings: [:]))
    case .gateDone: scenario.apply(.workDone(work(.gate), timings: [:]))
    case .fetchFailed: scenario.apply(.workFailed(work(.fetch), Refusal(.fetchFailed, "gone")))
    case .verifyFailed: scenario.apply(.workFailed(work(.verify), Refusal(.digestMismatch, "other bytes")))
    case .probeFailed: scenario.apply(.workFailed(work(.probe), Refusal(.metricOutOfRange, "poor")))
    case .loadFailed: scenario.apply(.workFailed(work(.load), Refusal(.loadFailed, "broken")))
    case .gateFailed: scenario.apply(.workFailed(work(.gate), Refusal(.endToEndFailed, "other outputs")))
    case .fetchTrouble: scenario.apply(.workFailed(work(.fetch), Refusal(.fetchFailed, "away", mayRetry: true)))
    case .probeTrouble: scenario.apply(.workFailed(work(.probe), Refusal(.outOfMemory, "full", mayRetry: true)))
    case .loadTrouble: scenario.apply(.workFailed(work(.load), Refusal(.outOfMemory, "full", mayRetry: true)))
    case .gateTrouble: scenario.apply(.workFailed(work(.gate), Refusal(.outOfMemory, "full", mayRetry: true)))
    case .probeBegun: scenario.apply(.workBegun(work(.probe)))
    case .loadBegun: scenario.apply(.workBegun(work(.load)))
    case .probeBegunOften:
      for _ in 0...Limits.attemptsPerStep { scenario.apply(.workBegun(work(.probe))) }
    case .abandoned: scenario.apply(.workAbandoned(work(.probe)))
    case .switched:
      let generation = scenario.ledger.generation
      scenario.apply(.switched(model: "m", generation: generation, firstOffsets: [:], milliseconds: 1))
    case .tick: scenario.tick(at: scenario.clock + 700_000)
    case .pause: return scenario.pause()
    case .resume: return scenario.resume()
    case .readyStale: return scenario.ready("v2", ifCurrent: "v0")
    case .loadBegunOften:
      for _ in 0...Limits.attemptsPerStep { scenario.apply(.workBegun(work(.load))) }
    case .readyAgain: return scenario.ready("v2")
    case .readyManual: return scenario.ready("v2", .manual)
    case .readyDryRun: return scenario.ready("v2", isDryRun: true)
    case .readyOtherDigest: return scenario.ready("v2", digest: "sha256:other")
    case .rollback: return scenario.rollback(to: "v2")
    case .traffic: return scenario.traffic("v2")
    case .retire: return scenario.retire("v2")
    }
    return nil
  }

  private static func shown(_ event: Event) -> String {
    let word = event.type.rawValue.split(separator: ".").last.map(String.init)
    return [word, event.reason?.rawValue].compactMap(\.self).joined(separator: " ")
  }

  private static func shown(_ action: Transition.Action) -> String {
    switch action {
    case .publishRouting: "publish"
    case .unload(let identity): "unload \(identity.version)"
    case .removeFiles(let record): "remove \(record.identity.version)"
    case .setConsumptionPaused(let isPaused): isPaused ? "pause" : "resume"
    }
  }
}
