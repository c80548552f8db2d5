import Domain
import Foundation
import Glibc
import Logging
import Serving
import Wire

/// Does the work on releases, each piece on a thread of its own, off the lanes and off the controller.
struct ReleaseWorker: Sendable {
  let releases: any ReleaseRepository
  let loader: any StageLoader
  let gate: ValidityGate
  let probe: any ReleaseProbe
  let logger: Logger

  /// What a piece of work needs of what is in memory.
  struct Context: Sendable {
    /// The release itself, if it is in memory.
    var loaded: LoadedRelease?
    /// What is live for its model, on disk.
    var liveStored: StoredRelease?
    /// Ends a fetch or a probe early.
    var giveUp = GiveUp()
  }

  /// What came of a piece of work.
  struct Result: Sendable {
    var work: Work
    /// Milliseconds by name.
    var timings: [String: Double] = [:]
    var report: GateReport?
    var loaded: LoadedRelease?
    var refusal: Refusal?
    /// It was given up before anything was known.
    var isGivenUp = false
  }

  /// Starts a piece of work; `done` is called on its thread.
  func start(_ work: Work, _ context: Context, done: @escaping @Sendable (Result) -> Void) {
    let thread = Thread { done(perform(work, context)) }
    thread.name = "understudy-\(work.kind.rawValue)"
    thread.start()
  }

  private func perform(_ work: Work, _ context: Context) -> Result {
    var result = Result(work: work)
    do throws(Refusal) {
      switch work.kind {
      case .fetch:
        giveWay(work)
        try timed("fetch", &result) { () throws(Refusal) in try releases.fetch(work.release, giveUp: context.giveUp) }
      case .verify:
        giveWay(work)
        try timed("verify", &result) { () throws(Refusal) in _ = try releases.verify(work.release) }
      case .probe: try examine(work, context, &result)
      case .load:
        let loaded = try timed("load", &result) { () throws(Refusal) in
          try LoadedRelease(try releases.open(work.release.identity), loader: loader)
        }
        // The library's threads were made by now, and keep the priority that they were made with.
        giveWay(work)
        try prove(loaded, &result)
        // Where somebody waits, the rows that it serves tell.
        if !work.isUrgent { try timed("warm", &result) { () throws(Refusal) in findRunSize(loaded) } }
        result.loaded = loaded
      case .gate:
        giveWay(work)
        guard let loaded = context.loaded else {
          result.isGivenUp = true
          return result
        }
        try prove(loaded, &result)
      }
    } catch {
      // What ends a fetch that was given up says nothing of the release.
      if work.kind == .fetch, context.giveUp.isAsked { result.isGivenUp = true } else { result.refusal = error }
    }
    return result
  }

  /// The whole gate, in a process of its own. Also where only test sets are new: what a graph takes in time and memory may
  /// depend on what it is given.
  private func examine(_ work: Work, _ context: Context, _ result: inout Result) throws(Refusal) {
    let stored = try releases.open(work.release.identity)
    let report = try timed("probe", &result) { () throws(Refusal) in
      try probe.probe(stored, against: context.liveStored, giveUp: context.giveUp)
    }
    result.report = report
    result.isGivenUp = report == nil
    if let refusal = report?.refusal { throw refusal }
  }

  /// The test sets through the very release that is to serve, or serves.
  private func prove(_ loaded: LoadedRelease, _ result: inout Result) throws(Refusal) {
    let report = try timed("gate", &result) { () throws(Refusal) in gate.examineSets(loaded, loaded.stored) }
    result.report = report
    if let refusal = report.refusal { throw refusal }
  }

  private func findRunSize(_ loaded: LoadedRelease) {
    loaded.findRunSize(gate.sample(of: loaded.stored), decoder: JSONRequestDecoder(), encoder: JSONResponseEncoder())
    let found = loaded.runSize
    guard let chosen = found.chosen else { return }
    let costs = found.measured.map { "\($0.rows): \(Int($0.nanosecondsEach)) ns" }.joined(separator: ", ")
    logger.info(
      "found how many rows a run takes",
      metadata: ["release": "\(loaded.identity)", "rows": "\(chosen)", "each": "\(costs)"])
  }

  private func timed<Value>(
    _ name: String, _ result: inout Result, _ body: () throws(Refusal) -> Value
  ) throws(Refusal) -> Value {
    let started = ContinuousClock.now
    defer { result.timings[name] = started.duration(to: .now).milliseconds }
    return try body()
  }

  /// Serving goes first, but for work that somebody waits for. On Linux a thread has a priority of its own
  /// (setpriority(2), NPTL).
  private func giveWay(_ work: Work) {
    guard !work.isUrgent else { return }
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
  }
}
