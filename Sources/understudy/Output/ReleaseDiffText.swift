/// Two releases side by side for people: what changed, and how each fares on its own sets.
struct ReleaseDiffText {
  private let diff: ReleaseDiff
  private let measured: MeasuredDiff
  private let before: String
  private let after: String

  init(_ diff: ReleaseDiff, _ measured: MeasuredDiff, before: String, after: String) {
    self.diff = diff
    self.measured = measured
    self.before = before
    self.after = after
  }

  var text: String {
    [head, changes, figures].compactMap(\.self).joined(separator: "\n\n")
  }

  private var head: String {
    let count = diff.changes.count
    return "\(before) and \(after): "
      + (count == 0 ? "no difference" : count == 1 ? "1 difference" : "\(count) differences")
  }

  private var changes: String? {
    guard !diff.changes.isEmpty else { return nil }
    var table = TextTable("part", "name", "", "before", "after")
    for change in diff.changes {
      table.add(
        change.part, change.name, change.before == nil ? "added" : change.after == nil ? "removed" : "changed",
        change.before ?? "-", change.after ?? "-")
    }
    return table.text
  }

  private var figures: String? {
    guard !measured.figures.isEmpty else { return nil }
    var table = TextTable("on its own sets", "before", "after")
    for figure in measured.figures { table.add(figure.name, figure.before ?? "-", figure.after ?? "-") }
    return table.text
  }
}
