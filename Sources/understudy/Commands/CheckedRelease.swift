import Artifacts
import Deployment
import Domain
import Engines
import Foundation
import Serving
import Wire

extension ReleaseSource {
  /// Tells whoever wrote the manifest of keys that mean nothing: a protection that is misspelt protects nobody.
  func warnOfUnknownKeys() {
    guard let bytes = FileManager.default.contents(atPath: "\(release.directory)/manifest.json") else { return }
    for key in ManifestKeys.unknown(in: Array(bytes)) {
      Terminal.complain("manifest.json: \(key): means nothing here and is passed over; docs/releases.md has all keys")
    }
  }
}

/// A release that a person names, loaded, and what the gate says of it: for `check` and `diff`.
struct CheckedRelease {
  let source: ReleaseSource
  let loaded: LoadedRelease

  /// Opens and loads a release.
  /// - Throws: what a worker would refuse it for.
  init(_ path: String, loader: any StageLoader) throws(Refusal) {
    source = try ReleaseSource(path, manifests: WireManifestCoding())
    loaded = try LoadedRelease(source.release, loader: loader)
  }

  /// The very gate that a worker has.
  func examined(_ policy: GatePolicy, against live: CheckedRelease? = nil) -> GateReport {
    ValidityGate(policy: policy, contents: DirectoryContents()).examine(
      loaded, source.release, against: live.map { ($0.loaded, $0.source.release) })
  }

  /// Who it is, as the head of a document.
  var identity: JSON {
    var json = JSON.object([
      .init("model", .text(loaded.identity.model)), .init("version", .text(loaded.identity.version)),
      .init("digest", .text(loaded.identity.digest)),
    ])
    json.set("archive_sha256", toOptional: source.archive?.digest)
    return json
  }
}
