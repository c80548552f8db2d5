import Domain
import Serving
import Wire

/// One run of the gate: what was found so far. The steps are called in the order of their refusals.
struct Examination {
  private let release: LoadedRelease
  private let sets: ReleaseTestSets
  private let policy: GatePolicy
  private var report: GateReport
  private var refusals: [Refusal]
  private var answers: LabelledAnswers?
  private var input: MetricInput?

  init(_ release: LoadedRelease, _ sets: ReleaseTestSets, _ policy: GatePolicy) {
    self.release = release
    self.sets = sets
    self.policy = policy
    report = GateReport(isUngated: !sets.missing.isEmpty && !policy.isRequired)
    refusals = sets.problems
    if !sets.missing.isEmpty, policy.isRequired {
      let names = sets.missing.joined(separator: " and no ")
      refusals.append(Refusal(.noTestSets, "the manifest declares no \(names), and the gate's policy requires both"))
    }
  }

  var conclusion: GateReport {
    var report = report
    report.refusal = refusals.first.map { refusal in
      Refusal(refusal.reason, refusal.message.shortened(toBytes: Limits.gateMessageBytes), mayRetry: refusal.mayRetry)
    }
    return report
  }

  private var confidence: (set: ConfidenceSet, rows: [ConfidenceRow], rule: DecisionRule?)? {
    guard let set = release.manifest.confidenceSet, let rows = sets.confidence else { return nil }
    return (set, rows, DecisionRule(set, outputs: release.manifest.outputs))
  }

  mutating func runSets() {
    if let set = release.manifest.endToEndSet, let rows = sets.endToEnd {
      let check = EndToEndCheck(set, rows: rows, release: release)
      report.endToEnd = check.figures
      refuse(check.refusal)
    }
    guard let (set, rows, rule) = confidence else { return }
    let answers = LabelledAnswers(set, rule: rule, rows: rows, release: release)
    let check = ConfidenceCheck(set, rows: rows, answers: answers, policy: policy)
    report.confidence = check.figures
    refuse(check.refusal)
    self.answers = answers
    input = check.input
  }

  mutating func compare(with live: LoadedRelease?) {
    guard let live else { return }
    guard let (set, rows, rule) = confidence, let answers else {
      report.comparison = LiveComparison(live: live, note: "there is no confidence set to compare on").figures
      return
    }
    let comparison = LiveComparison(set, rule: rule, rows: rows, answers: answers, release: release, live: live)
    report.comparison = comparison.figures
    refuse(comparison.refusal)
  }

  mutating func runSlices() {
    guard let (set, rows, _) = confidence, let input else { return }
    let check = SliceCheck(set, rows: rows, input: input)
    report.confidence?.slices = check.slices
    report.confidence?.gaps = check.gaps
    refuse(check.refusal)
  }

  mutating func measure(against live: LoadedRelease?, _ clock: GateClock) {
    let check = TimeCheck(sets.contexts, release: release, live: live, clock: clock)
    report.resources = check.figures
    refuse(check.refusal)
  }

  private mutating func refuse(_ refusal: Refusal?) {
    if let refusal { refusals.append(refusal) }
  }
}
