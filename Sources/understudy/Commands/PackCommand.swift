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
      let packed = try ReleasePacker(manifests: WireManifestCoding()).pack(directory)
      // What does not fit must not leave the machine that made it.
      _ = try LoadedRelease(packed.release, loader: OnnxStageLoader(options: OnnxOptions()))
      if json {
        print(
          JSON.object([
            .init("model", .string(packed.release.identity.model)), .init("version", .string(packed.release.identity.version)),
            .init("digest", .string(packed.release.identity.digest)), .init("archive", .string(packed.archivePath)),
            .init("archive_sha256", .string(packed.archiveDigest)), .init("size", .integer(packed.archiveBytes)),
          ]).text)
      } else {
        print("\(packed.release.identity): \(packed.archivePath) (\(byteText(packed.archiveBytes)))")
        print("digest \(packed.release.identity.digest)")
      }
    }
  }
}
