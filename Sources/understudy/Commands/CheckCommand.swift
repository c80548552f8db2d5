import ArgumentParser
import Artifacts
import Deployment
import Domain
import Engines
import Foundation
import Serving
import Wire

/// `understudy check`.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Prove a release on this machine: files, digests, that its stages fit, and the validity gate.",
    discussion: """
      The same code as in a worker: what is refused here would be refused there, with the same reason. The test sets go through the pipeline that
      serves; with --against also the costs of errors and the time of a row are compared, as a worker does with its live release.
      Exit code 1 if the release is refused. docs/gate.md tells how each check judges.

      Examples:
        understudy check releases/breast-cancer-2.0.0.tar
        understudy check releases/2.0.0 --against releases/breast-cancer-1.0.0.tar
        understudy check releases/2.0.0 --minimum roc_auc=0.97 --minimum log_loss=0.2
        understudy check releases/2.0.0 --json | jq .confidence.value
      """)

  @Argument(help: "The release: a tar, or a directory that was packed.")
  var release: String

  @Option(help: "The release that is live, to compare with: a tar or a directory.")
  var against: String?

  @OptionGroup var options: GatePolicyOptions

  @Flag(help: "Print the report as JSON.")
  var json = false

  func run() async throws {
    let (path, against, json) = (release, against, json)
    let (policy, bounds) = (options.policy, options.minimum)
    try await onThread("check") {
      let loader = OnnxStageLoader(options: OnnxOptions())
      // What is wrong with the live release is no refusal of the new one.
      let live = try against.map { path in try CheckedRelease(path, loader: loader) }
      var report = GateReport()
      do throws(Refusal) {
        let release = try CheckedRelease(path, loader: loader)
        release.source.warnOfUnknownKeys()
        report = release.examined(policy, against: live)
        let set = release.loaded.manifest.confidenceSet
        for bound in bounds where bound.metric != set?.metric {
          let judged = set.map { "is judged by \($0.metric.rawValue)" } ?? "has no confidence set"
          Terminal.complain("--minimum \(bound): not looked at, since this release \(judged)")
        }
        Terminal.show(json ? Self.document(release, report).line : Self.text(release, report))
      } catch {
        report.refusal = error
        if json { Terminal.show(GateReportCodec.json(report).line) }
      }
      if let refusal = report.refusal { throw CommandFailure.failed("refused: \(refusal)") }
    }
  }

  private static func text(_ release: CheckedRelease, _ report: GateReport) -> String {
    var lines = [GateReportText(report, release: "\(release.loaded.identity)").text, ""]
    lines.append("digest   \(release.loaded.identity.digest)")
    if let archive = release.source.archive { lines.append("archive  \(archive.digest) (\(byteText(archive.size)))") }
    let (manifest, fit) = (release.loaded.manifest, release.loaded.fit)
    lines.append("inputs   \(manifest.inputs.map(\.column.description).joined(separator: ", "))")
    for (stage, binding) in zip(manifest.stages, fit.bindings) {
      let made = binding.outputs.map { fit.layout[$0].description }.joined(separator: ", ")
      lines.append(
        "\(stage.role.rawValue.padding(toLength: max(8, stage.role.rawValue.count), withPad: " ", startingAt: 0)) \(stage.file) makes \(made)"
      )
    }
    lines.append("outputs  \(manifest.outputs.map(\.column.description).joined(separator: ", "))")
    return lines.joined(separator: "\n")
  }

  /// The report with the release's identity in front and its columns behind.
  private static func document(_ release: CheckedRelease, _ report: GateReport) -> JSON {
    var json = release.identity
    if case .object(let fields) = GateReportCodec.json(report) {
      for field in fields { json.set(field.name, to: field.value) }
    }
    json.set(
      "columns",
      to: .array(
        release.loaded.fit.layout.map {
          .object([
            .init("name", .text($0.name)), .init("datatype", .text($0.datatype.rawValue)),
            .init("width", .integer(Int64($0.width))),
          ])
        }))
    return json
  }
}
