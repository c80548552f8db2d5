import Foundation

/// How long a run of the chaos driver is, how hard, and from which seed: `scripts/chaos` sets it in the environment, and
/// `scripts/test` takes a short run.
struct ChaosSettings: Sendable, Equatable {
  /// The schedule of faults and the data come from it; interleavings do not.
  var seed: UInt64
  var seconds: Int
  var workers: Int
  /// Requests a second.
  var perSecond: Int
  /// Where the history is written, the state of the workers and their logs; nil for a directory that goes if all is well.
  var history: String?

  /// What the environment says.
  /// - Throws: `TestFailure` that names the variable, if it has no number.
  static func current(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws -> ChaosSettings {
    func number<Number: LosslessStringConvertible>(_ name: String, _ usual: Number) throws -> Number {
      guard let text = environment["UNDERSTUDY_CHAOS_\(name)"], !text.isEmpty else { return usual }
      guard let number = Number(text) else {
        throw TestFailure("UNDERSTUDY_CHAOS_\(name): expected a number, got \(text)")
      }
      return number
    }
    return ChaosSettings(
      seed: try number("SEED", .random(in: 1...999_999)), seconds: try number("SECONDS", 45),
      workers: try number("WORKERS", 2), perSecond: try number("RATE", 150),
      history: environment["UNDERSTUDY_CHAOS_HISTORY"].flatMap { $0.isEmpty ? nil : $0 })
  }
}
