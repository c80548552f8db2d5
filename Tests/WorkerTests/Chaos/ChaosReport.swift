import Domain

/// What came of a run.
struct ChaosReport {
  var settings: ChaosSettings
  var plan: ChaosPlan
  var tally: ChaosCrew.Tally
  var findings = ChaosFindings()
  /// Whether every request was answered in time.
  var isDrained = true
  /// What each worker served in the end.
  var routes: [String: String] = [:]
  var requests = 0
  var acknowledged = 0
  /// Requests of which nobody knew whether the broker had them, when they were sent.
  var unknown = 0
  var answers = 0
  var activations = 0
  var corrupt = 0
  /// How many corrupt releases were refused for what, by worker.
  private(set) var refusals: [String: Int] = [:]
  /// Corrupt releases that were not refused as they should be.
  private(set) var leniencies: [String] = []
  var latencies = Latencies()

  mutating func note(_ event: Event, of kind: CorruptRelease) {
    guard event.type == .commandFailed, let reason = event.reason else {
      leniencies.append("\(kind.rawValue): \(event.type.rawValue)")
      return
    }
    refusals[reason.rawValue, default: 0] += 1
    // A step that was cut three times, here by kills, is not tried again.
    let wasCut = reason == .loadFailed && event.message?.contains("the worker ended") == true
    if reason != .superseded, !wasCut, !kind.reasons.contains(reason) {
      leniencies.append("\(kind.rawValue) was refused as \(reason.rawValue): \(event.message ?? "")")
    }
  }

  var isGood: Bool {
    findings.isGood && isDrained && tally.unexpected.isEmpty && leniencies.isEmpty && Set(routes.values).count == 1
      && routes.count == settings.workers
  }

  /// From when a request was written to when its answer was, milliseconds by the records' time stamps.
  struct Latencies {
    var median: Int64 = 0
    var p99: Int64 = 0
    var longest: Int64 = 0

    init() {}

    init(_ answers: [ChaosAnswer], asked: [Int: Int64]) {
      let sorted = answers.compactMap { answer in asked[answer.number].map { answer.timestamp - $0 } }.sorted()
      guard let last = sorted.last else { return }
      median = sorted[sorted.count / 2]
      p99 = sorted[sorted.count * 99 / 100]
      longest = last
    }
  }

  /// For people.
  var text: String {
    let deaths = tally.deaths.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }
    let refused = refusals.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    var lines = [
      "chaos, seed \(settings.seed): \(settings.seconds) s, \(settings.workers) workers",
      "  requests \(requests), acknowledged \(acknowledged), of unknown fate when sent \(unknown); answers \(answers)",
      "  kill -9 \(tally.kills), at fail-points \(tally.deaths.values.reduce(0, +)) (\(deaths.joined(separator: ", "))), frozen \(tally.freezes), "
        + "SIGTERM \(tally.terminations) (slowest end \(tally.slowestEnd)), fenced \(tally.fenced), starts \(tally.starts)",
      "  swaps and rollbacks sent \(plan.count(\.isSwap)), activations of workers \(activations)",
      "  corrupt releases \(corrupt), refused by workers: \(refused.joined(separator: ", "))",
      "  transactions \(findings.transactions), aborted \(findings.aborted)",
      "  latency median \(latencies.median) ms, p99 \(latencies.p99) ms, longest \(latencies.longest) ms",
      "  in the end: \(routes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))",
      "  lost \(findings.answers.lost.count), doubled \(findings.answers.doubled.count), out of order \(findings.answers.reordered.count), "
        + "wrong \(findings.answers.wrong.count), mixed \(findings.mixed.count), torn \(findings.torn.count)",
      "  \(findings)",
    ]
    if !isDrained { lines.append("  NOT EVERY REQUEST WAS ANSWERED IN TIME") }
    lines += leniencies.map { "  NOT REFUSED AS IT SHOULD BE: \($0)" }
    lines += tally.unexpected.map { "  UNEXPECTED END: \($0)" }
    return lines.joined(separator: "\n")
  }
}
