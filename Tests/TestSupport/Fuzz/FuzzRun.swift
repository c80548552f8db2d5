import CEdgeCoverage
import Foundation

/// How long a fuzz test goes on, and the numbers that it goes by.
///
/// `UNDERSTUDY_FUZZ_SECONDS` makes it longer, `UNDERSTUDY_FUZZ_SEED` repeats it: the same seed gives the same cases in
/// the same order, however many there is time for.
package struct FuzzRun {
  /// Where all choices come from.
  package var generator: SeededGenerator
  /// What is done, for the last line.
  private let name: String
  private let started = ContinuousClock.now
  private let length: Duration
  /// How many cases there were.
  package private(set) var cases = 0
  /// The kinds of reaction that were seen.
  private var reactions: Set<String> = []

  /// A run, whose seed is printed before anything can crash.
  /// - Parameter seconds: its length unless the environment says otherwise.
  /// - Parameter isToFind: whether it ends as soon as something is found: it has at least that time.
  package init(_ name: String, seconds: Double, isToFind: Bool = false) {
    self.name = name
    let environment = ProcessInfo.processInfo.environment
    generator =
      environment["UNDERSTUDY_FUZZ_SEED"].flatMap { UInt64($0) }.map { SeededGenerator(seed: $0) } ?? SeededGenerator()
    let wanted = environment["UNDERSTUDY_FUZZ_SECONDS"].flatMap { Double($0) } ?? seconds
    length = .seconds(isToFind ? max(seconds, wanted) : wanted)
    print("fuzz \(name): UNDERSTUDY_FUZZ_SEED=\(generator.seed)")
    understudy_edges_forget()
    fflush(nil)
  }

  /// Whether there is time for more.
  package var goesOn: Bool { started.duration(to: .now) < length }

  /// Counts cases.
  package mutating func count(_ more: Int) { cases += more }

  /// Counts a case and what it led to. Names and numbers of the case do not make a kind of their own: what is quoted,
  /// digits, and what was found are left out.
  package mutating func count(reaction: String) {
    cases += 1
    var kind = ""
    var isQuoted = false
    for character in reaction.prefix(300) {
      if character == "\"" || character == "`" { isQuoted.toggle() }
      if !isQuoted && !character.isNumber { kind.append(character) }
    }
    reactions.insert(kind.components(separatedBy: ", got ").first ?? kind)
  }

  /// Goes on until a case has a problem.
  /// - Parameter next: what is the matter with the next case, nil for nothing, and what the case led to.
  /// - Returns: the problem with the numbers that repeat it; nil if the time was over before.
  package mutating func firstProblem(
    _ next: (inout SeededGenerator) throws -> (problem: String?, reaction: String)
  ) rethrows -> String? {
    while goesOn {
      let (problem, reaction) = try next(&generator)
      count(reaction: reaction)
      if let problem { return "\(problem)\nseed \(generator.seed), case \(cases)" }
    }
    return nil
  }

  /// Tells what was done; with `UNDERSTUDY_EDGES` also how many edges of the rooms' control flow were taken since it began,
  /// which is its own count if nothing else runs beside it, and ends the process if the build counts none.
  package func finish(_ totals: String = "") {
    let elapsed = started.duration(to: .now) / .seconds(1)
    let seen = reactions.isEmpty ? "" : "\(reactions.count) kinds of reaction"
    let pace = Int(Double(cases) / elapsed)
    var edges = ""
    if ProcessInfo.processInfo.environment["UNDERSTUDY_EDGES"] != nil {
      precondition(understudy_edges() > 0, "expected a build that counts edges: with UNDERSTUDY_EDGES from the start")
      edges = "; \(understudy_edges_taken()) of \(understudy_edges()) edges"
    }
    print("fuzz \(name): \(cases) cases in \(Int(elapsed.rounded())) s, \(pace) a second; \(totals)\(seen)\(edges)")
  }
}
