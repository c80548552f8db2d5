import Foundation
import TestSupport

/// How long a fuzz test goes on, and the numbers that it goes by.
///
/// `UNDERSTUDY_FUZZ_SECONDS` makes it longer, `UNDERSTUDY_FUZZ_SEED` repeats it: the same seed gives the same cases in
/// the same order, however many there is time for.
struct FuzzRun {
  /// Where all choices come from.
  var generator: SeededGenerator
  /// What is done, for the last line.
  private let name: String
  private let started = ContinuousClock.now
  private let length: Duration
  private(set) var cases = 0

  /// A run, whose seed is printed before anything can crash.
  /// - Parameter seconds: its length unless the environment says otherwise.
  init(_ name: String, seconds: Double) {
    self.name = name
    let environment = ProcessInfo.processInfo.environment
    generator =
      environment["UNDERSTUDY_FUZZ_SEED"].flatMap { UInt64($0) }.map { SeededGenerator(seed: $0) } ?? SeededGenerator()
    length = .seconds(environment["UNDERSTUDY_FUZZ_SECONDS"].flatMap { Double($0) } ?? seconds)
    print("fuzz \(name): UNDERSTUDY_FUZZ_SEED=\(generator.seed)")
    fflush(nil)
  }

  /// Whether there is time for more.
  var goesOn: Bool { started.duration(to: .now) < length }

  /// Counts cases.
  mutating func count(_ more: Int) { cases += more }

  /// Tells what was done.
  func finish(_ totals: String) {
    let elapsed = started.duration(to: .now) / .seconds(1)
    let pace = Int(Double(cases) / elapsed)
    print("fuzz \(name): \(cases) cases in \(Int(elapsed.rounded())) s, \(pace) a second; \(totals)")
  }
}
