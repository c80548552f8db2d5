import Domain
import Foundation

@testable import Artifacts
@testable import understudy

/// The releases of a run: each of the three stages of one multiplies by the same prime, and the next one's by another, so
/// that an answer made by stages of two releases is none that either would give.
enum ChaosRelease {
  /// The version of the good release with a number.
  static func version(_ number: Int) -> String { "\(number).times-\(number % 2 == 0 ? 8 : 27)" }

  /// By what a good release multiplies; nil for one that must not serve.
  static func factor(of version: String) -> Int? {
    guard let range = version.range(of: ".times-") else { return nil }
    return Int(version[range.upperBound...])
  }

  static func good(_ number: Int) -> GateRelease {
    GateRelease(version(number)) {
      let graph = number % 2 == 0 ? "times_2" : "times_3"
      $0.extractor = graph
      $0.graph = graph
      $0.code = graph
      $0.factor = Double(number % 2 == 0 ? 8 : 27)
    }
  }

  /// The announcement of a release that is no good.
  static func corrupt(_ kind: CorruptRelease, _ number: Int, in workplace: Workplace) throws -> ModelReady {
    var release = good(number)
    release.version = "\(number).\(kind.rawValue)"
    switch kind {
    case .wrongAnswers: release.error = 1
    case .poorMetric: release.acceptableRange = "[0.1,1]"
    case .crashes: release.graph = "crash"
    case .hangs: release.graph = "hang"
    case .eatsMemory: release.graph = "memory"
    case .wrongArchiveDigest, .wrongManifestDigest, .truncatedArchive, .brokenGraph: break
    }
    if kind == .brokenGraph { release.appendix = [UInt8](repeating: 0xFF, count: 64) }
    var ready = try release.announcement(in: workplace)
    switch kind {
    case .wrongArchiveDigest: ready.archiveDigest = nothing
    case .wrongManifestDigest: ready.identity.digest = nothing
    case .truncatedArchive: ready = try HandmadeRelease.truncated(try release.source(in: workplace), in: workplace)
    default: break
    }
    return ready
  }

  private static let nothing = "sha256:" + String(repeating: "0", count: 64)
}
