import Artifacts
import Domain
import Foundation
import Wire

/// Makes versions of a release that differ in nothing but their names: the same stages, so that a switch costs what a
/// switch costs, and no model is slower than another.
final class NextVersions {
  private let directory: String
  private let manifest: JSON
  private let base: String
  private var count = 0

  /// Prepares a copy of the release's files.
  /// - Parameter directory: where it may write.
  init(of release: StoredRelease, in directory: String) throws {
    self.directory = "\(directory)/next"
    // A name has a bound, and the number must fit behind it.
    base = String(release.manifest.version.prefix(Limits.nameCharacters - 16))
    try ReleaseCopy.make(of: release, in: self.directory)
    let path = "\(release.directory)/manifest.json"
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw CommandFailure.failed("\(path) cannot be read")
    }
    manifest = try JSON(parsing: Array(bytes))
  }

  /// The next version as a tar.
  func next() throws -> PackedRelease {
    count += 1
    var manifest = manifest
    manifest.set("version", to: .text("\(base)-bench.\(count)"))
    try Data(manifest.prettyBytes).write(to: URL(fileURLWithPath: "\(directory)/manifest.json"))
    return try ReleasePacker(manifests: WireManifestCoding()).pack(
      directory, createdAt: Timestamp.text(WallClock.milliseconds))
  }

  /// Removes the archive of a version that everybody has fetched.
  func remove(_ packed: PackedRelease) { try? FileManager.default.removeItem(atPath: packed.archivePath) }
}

/// Copies a release's files to where they may be changed.
enum ReleaseCopy {
  static func make(of release: StoredRelease, in directory: String) throws {
    let files = FileManager.default
    for path in release.manifest.files.map(\.path) + ["manifest.json"] {
      let copy = URL(fileURLWithPath: "\(directory)/\(path)")
      try files.createDirectory(at: copy.deletingLastPathComponent(), withIntermediateDirectories: true)
      try files.copyItem(atPath: "\(release.directory)/\(path)", toPath: copy.path)
    }
  }
}
