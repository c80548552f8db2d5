import Artifacts
import Foundation
import Testing
import Wire

@testable import understudy

/// The example without a deadline: how fast a busy machine's debug build answers is not what tests of the bench prove.
enum PatientRelease {
  /// Packs it and returns the path of its tar.
  static func archive(in workplace: Workplace) throws -> String {
    let directory = "\(workplace.path)/release"
    let source = try Example.source("1.0.0")
    try ReleaseCopy.make(of: source.release, in: directory)
    let path = "\(directory)/manifest.json"
    var manifest = try JSON(parsing: Array(try #require(FileManager.default.contents(atPath: path))))
    manifest.set("limits", to: .object([]))
    try Data(manifest.prettyBytes).write(to: URL(fileURLWithPath: path))
    return try ReleasePacker(manifests: WireManifestCoding()).pack(directory, createdAt: "2026-01-01T00:00:00Z")
      .archivePath
  }
}
