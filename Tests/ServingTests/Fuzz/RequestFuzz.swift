import Domain
import Foundation
import Serving
import TestSupport

/// Batches of requests that are nearly right, through decoder, stages and encoder, and what must hold of each.
struct RequestFuzz {
  /// A request with the model that it is for.
  typealias Request = (release: String, value: [UInt8])

  /// How a batch is answered; a test may plant a mistake here.
  var answer: ([Request]) -> [RequestBench.Answer]?
  /// How many answers there were of which kind.
  private(set) var counts: [String: Int] = [:]
  private let alone: RequestBench
  private let rules: [String: ResponseRules]
  private let mutators: [String: Mutator]
  /// The releases by their shares of the table, and as often those whose answers are checked, withheld or replaced.
  private let models: [[String]]

  /// Requests of a batch; also the pace at which the time is looked at.
  static let batch = 64
  /// Longer ones are the table's: here they would be most of the work.
  private static let seedBytes = 4096

  init() throws {
    let corpus = try RequestCase.all().filter { $0.request.count <= Self.seedBytes }
    let (releases, fallbacks) = (try RequestCase.releases(), try RequestCase.fallbacks())
    let guarded = Self.guarded(releases)
    mutators = Self.mutators(corpus, releases, guarded)
    models = [corpus.map(\.release), guarded]
    rules = Dictionary(
      uniqueKeysWithValues: (mutators.keys + ["nobody"]).map { ($0, ResponseRules($0, releases, fallbacks)) })
    let together = RequestBench(releases, fallbacks, averages: MovingAverages())
    answer = { together.answer($0) }
    alone = RequestBench(releases, fallbacks)
  }

  /// By release, so that most of what is spliced is about the same inputs. One whose answers are checked also gets what
  /// others with its inputs are sent.
  private static func mutators(
    _ corpus: [RequestCase], _ releases: [LoadedRelease], _ guarded: [String]
  ) -> [String: Mutator] {
    let guarded = Set(guarded)
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
  private static func guarded(_ releases: [LoadedRelease]) -> [String] {
    releases.filter { release in
      release.manifest.answerGuard != nil
        || release.manifest.outputs.contains { $0.minimum != nil || $0.maximum != nil || $0.values != nil }
    }.map(\.identity.model)
  }

  /// A batch.
  func next(_ generator: inout SeededGenerator) -> [Request] {
    (0..<Self.batch).map { _ in
      let release = models.randomElement(using: &generator)?.randomElement(using: &generator) ?? ""
      // Now and then for a model that nobody serves: then only the identifier is read.
      let isServed = Int.random(in: 0..<32, using: &generator) > 0
      return (isServed ? release : "nobody", mutators[release]?.next(&generator) ?? [])
    }
  }

  /// Each request gets one response, the one that it gets alone.
  /// - Returns: what is wrong.
  mutating func check(_ requests: [Request]) -> String? {
    guard let answers = answer(requests), answers.count == requests.count else { return "not one response to each" }
    for (request, answer) in zip(requests, answers) {
      count(answer)
      guard let rules = rules[request.release] else { continue }
      let single = alone.answer([request])?.first
      let problem =
        rules.problem(answer, to: request.value) ?? single.flatMap { rules.problem($0, to: request.value) }
        ?? (single == answer || (single != nil && rules.followsAverages) ? nil : "another answer alone")
      if let problem { return shown(problem, request, answer, single) }
    }
    return nil
  }

  /// Counts what rows say for themselves.
  private mutating func count(_ answer: RequestBench.Answer) {
    counts[answer.status, default: 0] += 1
    for (part, name) in [("\"row_status\"", "with row_status"), ("\"alternatives\"", "with alternatives")]
    where answer.response.contains(part) { counts[name, default: 0] += 1 }
  }

  private func shown(
    _ problem: String, _ request: Request, _ answer: RequestBench.Answer, _ alone: RequestBench.Answer?
  ) -> String {
    """
    \(problem)
    request to \(request.release) as base64 \(Data(request.value).base64EncodedString())
    request  \(String(decoding: request.value.prefix(2000), as: UTF8.self))
    in batch \(answer)
    alone    \(alone.map { "\($0)" } ?? "not one response")
    """
  }
}
