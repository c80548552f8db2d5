import ArgumentParser
import Artifacts
import Domain
import Engines
import Foundation
import Serving
import Wire

/// `understudy pack`.
struct PackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pack",
    abstract: "Make an archive of a release's directory.",
    discussion: """
      Fills `files` and `created_at` of manifest.json, checks that the stages fit each other and the manifest, and writes a reproducible tar beside
      the directory: packing the same directory twice gives the same bytes.

      Example:
        understudy pack releases/2.0.0
      """)

  @Argument(help: "The directory with manifest.json.")
  var directory: String

  @Flag(help: "Print the result as JSON.")
  var json = false

  func run() async throws {
    let (directory, json) = (directory, json)
    try await onThread("pack") {
      let packed = try ReleasePacker(manifests: WireManifestCoding()).pack(
        directory, createdAt: Timestamp.text(WallClock.milliseconds)
      ) { path throws(Refusal) in
        // What does not fit must not leave the machine that made it, nor take the place of what did.
        let source = try ReleaseSource(path, manifests: WireManifestCoding())
        _ = try LoadedRelease(source.release, loader: OnnxStageLoader(options: OnnxOptions()))
        source.warnOfUnknownKeys()
      }
      Terminal.show(json ? Self.document(packed).line : Self.text(packed))
    }
  }

  private static func text(_ packed: PackedRelease) -> String {
    "\(packed.identity): \(packed.archivePath) (\(byteText(packed.archiveSize)))\ndigest \(packed.identity.digest)"
  }

  private static func document(_ packed: PackedRelease) -> JSON {
    .object([
      .init("model", .text(packed.identity.model)), .init("version", .text(packed.identity.version)),
      .init("digest", .text(packed.identity.digest)), .init("archive", .text(packed.archivePath)),
      .init("archive_sha256", .text(packed.archiveDigest)), .init("size", .integer(packed.archiveSize)),
    ])
  }
}
