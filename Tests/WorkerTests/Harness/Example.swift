import Artifacts
import Domain
import Engines
import Foundation
import Serving

@testable import understudy

/// The releases and rows of `Examples/breast-cancer`.
enum Example {
  static let model = "breast-cancer"

  /// The archive of a version.
  static func archive(_ version: String) -> String {
    "\(Project.root)/Examples/breast-cancer/releases/\(model)-\(version).tar"
  }

  static func source(_ version: String) throws -> ReleaseSource {
    try ReleaseSource(archive(version), manifests: WireManifestCoding())
  }

  /// Contexts as JSON objects without an `id`.
  static let rows: [[UInt8]] = {
    let text =
      (try? String(contentsOfFile: "\(Project.root)/Examples/breast-cancer/requests.jsonl", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").prefix(100).map { Array($0.utf8) }
  }()

  /// What each release makes of each row, computed without a broker.
  static let expectations: Account.Expectations = {
    var expectations: Account.Expectations = [:]
    for version in ["1.0.0", "2.0.0"] {
      guard let source = try? source(version),
        let loaded = try? LoadedRelease(source.release, loader: OnnxStageLoader(options: OnnxOptions()))
      else { continue }
      expectations[version] = try? ExpectedAnswers.compute(loaded, contexts: rows)
    }
    return expectations
  }()

  /// A request as the checker knows it: its identifier says its number, the number its row.
  static func body(_ number: Int) -> [UInt8] {
    Array("{\"id\":\"r-\(number)\",".utf8) + rows[number % rows.count].dropFirst()
  }
}
