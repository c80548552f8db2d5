import Domain
import Serving
import Wire

/// What a redrive came to, for people and for programs.
struct RedriveSummary {
  var group: String
  var isDryRun: Bool
  /// `done`, `interrupted` or `failed`.
  var outcome: String
  var report: RedriveReport
  /// Offsets whose letters were deleted before they were read.
  var deleted: Int64

  /// Lines, the counts of what went back first.
  var text: String {
    var lines: [String] = []
    if !report.redriven.isEmpty {
      var table = TextTable("reason", "version", "topic", "letters")
      for (group, count) in groups { table.add(group.reason, group.version, group.topic, String(count)) }
      lines.append(table.text)
    }
    let what = isDryRun ? "would redrive" : "redriven"
    lines.append("read \(report.read), matched \(report.matched), \(what) \(report.redrivenInAll)")
    for reason in RedriveReport.SkipReason.allCases {
      if let count = report.skipped[reason] { lines.append("not redriven: \(count), \(why(reason))") }
    }
    if report.left > 0 {
      lines.append(
        "left: \(report.left) stage_crashed, which may end a worker again; --reason stage_crashed redrives them")
    }
    if report.foreign > 0 { lines.append("passed over: \(report.foreign) that are no dead letters of a worker") }
    if deleted > 0 {
      lines.append("gone: \(deleted) offsets that the topic's retention has deleted since the last time")
    }
    if isDryRun { lines.append("dry run: nothing was produced or committed") }
    return lines.joined(separator: "\n")
  }

  private var groups: [(group: RedriveReport.Group, count: Int64)] {
    report.redriven.map { (group: $0, count: $1) }.sorted {
      ($1.count, $0.group.reason, $0.group.version, $0.group.topic)
        < ($0.count, $1.group.reason, $1.group.version, $1.group.topic)
    }
  }

  private func why(_ reason: RedriveReport.SkipReason) -> String {
    switch reason {
    case .truncated: "of which the dead-letter topic could not take all (x-truncated)"
    case .foreignTopic:
      "for topics without the role of requests: \(report.foreignTopics.sorted().map(Self.quoted).joined(separator: ", "))"
    case .missingTopic: "for topics that the brokers do not have"
    case .tooLarge: "larger than max.message.bytes of their topic"
    }
  }

  /// A name that somebody may have forged.
  private static func quoted(_ name: String) -> String { JSON.text(String(name.prefix(Limits.quotedCharacters))).line }

  /// Why the command ends with 1; nil if everything that is meant went back.
  var complaint: String? {
    let count = report.skippedInAll
    guard count > 0 else { return nil }
    return
      "\(count) matching letter\(count == 1 ? "" : "s") could not be redriven; this filter's group has passed over them, another --name meets them again"
  }

  /// One document.
  var json: JSON {
    let skipped = RedriveReport.SkipReason.allCases.map {
      JSON.Field($0.rawValue, .integer(report.skipped[$0] ?? 0))
    }
    return .object([
      .init("outcome", .text(outcome)), .init("group", .text(group)), .init("dry_run", .bool(isDryRun)),
      .init("read", .integer(report.read)), .init("matched", .integer(report.matched)),
      .init("redriven", .integer(report.redrivenInAll)), .init("not_redriven", .object(skipped)),
      .init("left", .object([.init("stage_crashed", .integer(report.left))])),
      .init("different", .integer(report.different)), .init("no_letters", .integer(report.foreign)),
      .init("deleted", .integer(deleted)),
      .init("foreign_topics", .array(report.foreignTopics.sorted().map(JSON.text))),
      .init(
        "letters",
        .array(
          groups.map { group, count in
            .object([
              .init("reason", .text(group.reason)),
              .init("model_version", group.version.isEmpty ? .null : .text(group.version)),
              .init("topic", .text(group.topic)), .init("count", .integer(count)),
            ])
          })),
    ])
  }
}
