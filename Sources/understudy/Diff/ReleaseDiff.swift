import Domain

/// What two manifests say differently, part by part.
struct ReleaseDiff: Equatable {
  /// In the order of a manifest.
  let changes: [Change]

  /// One thing that differs.
  struct Change: Equatable {
    /// The part of the manifest: `inputs`, `stages` …
    var part: String
    /// The thing in that part.
    var name: String
    /// As people read it; nil if it was added.
    var before: String?
    /// Nil if it was removed.
    var after: String?
  }

  /// Compares two releases. Texts of both must be made by the same rules, so that equal things have equal texts.
  init(_ before: Manifest, _ after: Manifest) {
    let (parts, later) = (ManifestParts(before).parts, ManifestParts(after).parts)
    changes = zip(parts, later).flatMap { before, after in
      Self.changes(before.name, before.entries, after.entries)
    }
  }

  private static func changes(
    _ part: String, _ before: [ManifestParts.Entry], _ after: [ManifestParts.Entry]
  ) -> [Change] {
    let later = Dictionary(after.map { ($0.name, $0.text) }, uniquingKeysWith: { first, _ in first })
    let known = Set(before.map(\.name))
    let gone = before.compactMap { entry in
      later[entry.name] == entry.text
        ? nil : Change(part: part, name: entry.name, before: entry.text, after: later[entry.name])
    }
    let new = after.filter { !known.contains($0.name) }.map {
      Change(part: part, name: $0.name, before: nil, after: $0.text)
    }
    return gone + new
  }
}
