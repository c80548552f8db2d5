import ArgumentParser
import Artifacts
import Domain
import Engines
import Foundation
import Serving
import Wire

/// `understudy check`.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Prove a release on this machine: files, digests, and that its stages fit.",
    discussion: """
      The same code as in a worker: what is refused here would be refused there, with the same reason.

      Examples:
        understudy check releases/breast-cancer-2.0.0.tar
        understudy check releases/2.0.0 --json
      """)

  @Argument(help: "The release: a tar, or a directory that was packed.")
  var release: String

  @Flag(help: "Print the report as JSON.")
  var json = false

  func run() async throws {
    let (path, json) = (release, json)
    try await onThread("check") {
      do throws(Refusal) {
        let source = try ReleaseSource(path, manifests: WireManifestCoding())
        let loaded = try LoadedRelease(source.release, loader: OnnxStageLoader(options: OnnxOptions()))
        Terminal.show(json ? Self.document(loaded, source).line : Self.text(loaded, source))
      } catch {
        if json {
          Terminal.show(
            JSON.object([
              .init("outcome", .text("refused")), .init("reason", .text(error.reason.rawValue)),
              .init("message", .text(error.message)),
            ]).line)
        }
        throw CommandFailure.failed("refused: \(error)")
      }
    }
  }

  private static func text(_ release: LoadedRelease, _ source: ReleaseSource) -> String {
    var lines = ["\(release.identity): fits", "digest   \(release.identity.digest)"]
    if let archive = source.archive { lines.append("archive  \(archive.digest) (\(byteText(archive.size)))") }
    lines.append("inputs   \(release.manifest.inputs.map(\.column.description).joined(separator: ", "))")
    for (stage, binding) in zip(release.manifest.stages, release.fit.bindings) {
      let made = binding.outputs.map { release.fit.layout[$0].description }.joined(separator: ", ")
      lines.append(
        "\(stage.role.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)) \(stage.file) makes \(made)")
    }
    lines.append("outputs  \(release.manifest.outputs.map(\.column.description).joined(separator: ", "))")
    return lines.joined(separator: "\n")
  }

  private static func document(_ release: LoadedRelease, _ source: ReleaseSource) -> JSON {
    var json = JSON.object([
      .init("outcome", .text("fits")), .init("model", .text(release.identity.model)),
      .init("version", .text(release.identity.version)), .init("digest", .text(release.identity.digest)),
      .init(
        "columns",
        .array(
          release.fit.layout.map {
            .object([
              .init("name", .text($0.name)), .init("datatype", .text($0.datatype.rawValue)),
              .init("width", .integer(Int64($0.width))),
            ])
          })),
    ])
    json.set("archive_sha256", toOptional: source.archive?.digest)
    return json
  }
}
