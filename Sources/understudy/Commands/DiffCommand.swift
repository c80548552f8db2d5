import ArgumentParser
import Domain
import Engines
import Serving
import Wire

/// `understudy diff`.
struct DiffCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Show what two releases do differently: manifest, files, and figures of their test sets.",
    discussion: """
      Fields of the manifest, inputs, outputs, stages, limits and files that were added, removed or changed; then metric, slices and time side by
      side. Each release is run on the sets that it brings itself: where those differ (see `files`), so do the questions. To judge one release
      against another on the same rows, use `understudy check NEW --against OLD`.

      Examples:
        understudy diff releases/breast-cancer-1.0.0.tar releases/breast-cancer-2.0.0.tar
        understudy diff releases/1.0.0 releases/2.0.0 --json | jq '.changes[] | select(.part == "inputs")'
      """)

  @Argument(help: "The earlier release: a tar, or a directory that was packed.")
  var before: String

  @Argument(help: "The later release.")
  var after: String

  @Flag(help: "Print the differences as JSON.")
  var json = false

  func run() async throws {
    let (before, after, json) = (before, after, json)
    try await onThread("diff") {
      let loader = OnnxStageLoader(options: OnnxOptions())
      let releases = (try CheckedRelease(before, loader: loader), try CheckedRelease(after, loader: loader))
      let policy = GatePolicy(isRequired: false)
      let reports = (releases.0.examined(policy), releases.1.examined(policy))
      let diff = ReleaseDiff(releases.0.loaded.manifest, releases.1.loaded.manifest)
      Terminal.show(
        json ? Self.document(releases, reports, diff).line : Self.text(releases, reports, diff))
    }
  }

  private static func text(
    _ releases: (CheckedRelease, CheckedRelease), _ reports: (GateReport, GateReport), _ diff: ReleaseDiff
  ) -> String {
    let versions = ("\(releases.0.loaded.identity)", "\(releases.1.loaded.identity)")
    return ReleaseDiffText(diff, MeasuredDiff(reports.0, reports.1), before: versions.0, after: versions.1).text
  }

  private static func document(
    _ releases: (CheckedRelease, CheckedRelease), _ reports: (GateReport, GateReport), _ diff: ReleaseDiff
  ) -> JSON {
    let changes = diff.changes.map { change in
      var json = JSON.object([.init("part", .text(change.part)), .init("name", .text(change.name))])
      json.set("before", toOptional: change.before)
      json.set("after", toOptional: change.after)
      return json
    }
    func side(_ release: CheckedRelease, _ report: GateReport) -> JSON {
      var json = release.identity
      json.set("report", to: GateReportCodec.json(report))
      return json
    }
    return .object([
      .init("before", side(releases.0, reports.0)), .init("after", side(releases.1, reports.1)),
      .init("changes", .array(changes)),
    ])
  }
}
