import Domain
import Foundation
import Serving
import TestSupport
import Testing

/// Requests that are nearly right, through decoder, stages and encoder.
@Suite struct RequestFuzzTests {
  /// Requests of a batch; also the pace at which the time is looked at.
  private static let batch = 64
  /// Longer ones are the table's: here they would be most of the work.
  private static let seedBytes = 4096

  @Test func `P7: whatever a batch holds, each request gets one response, the one that it gets alone`() throws {
    var run = FuzzRun("requests", seconds: 4)
    let corpus = try RequestCase.all().filter { $0.request.count <= Self.seedBytes }
    let (releases, fallbacks) = (try RequestCase.releases(), try RequestCase.fallbacks())
    let mutators = mutators(corpus, releases)
    // The releases by their shares of the table, and as often those whose answers are checked, withheld or replaced.
    let models = [corpus.map(\.release), guarded(releases)]
    let rules = Dictionary(
      uniqueKeysWithValues: (mutators.keys + ["nobody"]).map { ($0, ResponseRules($0, releases, fallbacks)) })
    let together = RequestBench(releases, fallbacks, averages: MovingAverages())
    let alone = RequestBench(releases, fallbacks)
    var counts: [String: Int] = [:]
    while run.goesOn {
      let requests = (0..<Self.batch).map { _ in
        let release = models.randomElement(using: &run.generator)?.randomElement(using: &run.generator) ?? ""
        // Now and then for a model that nobody serves: then only the identifier is read.
        let isServed = Int.random(in: 0..<32, using: &run.generator) > 0
        return (isServed ? release : "nobody", mutators[release]?.next(&run.generator) ?? [])
      }
      let answers = together.answer(requests)
      guard let answers else {
        Issue.record("not one response to each, seed \(run.generator.seed), case \(run.cases)")
        return
      }
      for (request, answer) in zip(requests, answers) {
        counts[answer.status, default: 0] += 1
        count(&counts, answer)
        guard let rules = rules[request.0] else { continue }
        let single = alone.answer([request])?.first
        let problem =
          rules.problem(answer, to: request.1) ?? single.flatMap { rules.problem($0, to: request.1) }
          ?? (single == answer || (single != nil && rules.followsAverages) ? nil : "another answer alone")
        if let problem { return report(problem, request, answer, single, run) }
      }
      run.count(requests.count)
    }
    run.finish(counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
    #expect(run.cases > 0)
  }

  /// By release, so that most of what is spliced is about the same inputs. One whose answers are checked also gets what
  /// others with its inputs are sent.
  private func mutators(_ corpus: [RequestCase], _ releases: [LoadedRelease]) -> [String: Mutator] {
    let guarded = Set(guarded(releases))
    var mutators: [String: Mutator] = [:]
    for release in releases where mutators[release.identity.model] == nil {
      let model = release.identity.model
      let inputs = release.manifest.inputs.map(\.column)
      let relatives = releases.filter { guarded.contains(model) && $0.manifest.inputs.map(\.column) == inputs }
      let names = Set(relatives.map(\.identity.model)).union([model])
      // Good ones four times, since most mutations make a bad one.
      mutators[model] = Mutator(
        corpus.filter { names.contains($0.release) }
          .flatMap { repeatElement($0.request, count: $0.status == "error" ? 1 : 4) })
    }
    return mutators
  }

  /// The models whose outputs have bounds or lists, or a guard.
  private func guarded(_ releases: [LoadedRelease]) -> [String] {
    releases.filter { release in
      release.manifest.answerGuard != nil
        || release.manifest.outputs.contains { $0.minimum != nil || $0.maximum != nil || $0.values != nil }
    }.map(\.identity.model)
  }

  /// Counts what rows say for themselves.
  private func count(_ counts: inout [String: Int], _ answer: RequestBench.Answer) {
    for (part, name) in [("\"row_status\"", "with row_status"), ("\"alternatives\"", "with alternatives")]
    where answer.response.contains(part) { counts[name, default: 0] += 1 }
  }

  private func report(
    _ problem: String, _ request: (String, [UInt8]), _ answer: RequestBench.Answer, _ alone: RequestBench.Answer?,
    _ run: FuzzRun
  ) {
    Issue.record(
      """
      \(problem)
      seed \(run.generator.seed), behind case \(run.cases)
      request to \(request.0) as base64 \(Data(request.1).base64EncodedString())
      request  \(String(decoding: request.1.prefix(2000), as: UTF8.self))
      in batch \(answer)
      alone    \(alone.map { "\($0)" } ?? "not one response")
      """)
  }
}
