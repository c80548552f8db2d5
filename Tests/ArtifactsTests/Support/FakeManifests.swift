import Domain
import Foundation

/// Manifests as far as this room looks at them.
struct FakeManifests: ManifestCoding {
  func decode(_ bytes: [UInt8]) throws(Refusal) -> Manifest {
    let json = try object(bytes)
    guard let name = json["name"] as? String, let version = json["version"] as? String else {
      throw Refusal(.badManifest, "name: expected a text")
    }
    let stages = json["stages"] as? [String: [String: String]] ?? [:]
    let files = json["files"] as? [[String: Any]] ?? []
    return Manifest(
      name: name, version: version, createdAt: json["created_at"] as? String, inputs: [], outputs: [],
      stages: StageRole.allCases.compactMap { role in
        stages[role.rawValue]?["file"].map { StageSpecification(role: role, file: $0) }
      },
      endToEndSet: ((json["end_to_end_set"] as? [String: Any])?["file"] as? String).map { EndToEndSet(file: $0) },
      files: files.map {
        Manifest.FileEntry(
          path: $0["path"] as? String ?? "", sha256: $0["sha256"] as? String ?? "", size: $0["size"] as? Int ?? -1)
      })
  }

  func filled(_ bytes: [UInt8], files: [Manifest.FileEntry], createdAt: String) throws(Refusal) -> [UInt8] {
    var json = try object(bytes)
    json["files"] = files.map { ["path": $0.path, "sha256": $0.sha256, "size": $0.size] as [String: Any] }
    if json["created_at"] == nil { json["created_at"] = createdAt }
    do {
      return Array(try JSONSerialization.data(withJSONObject: json, options: [.sortedKeys, .prettyPrinted]))
    } catch {
      throw Refusal(.badManifest, "\(error)")
    }
  }

  private func object(_ bytes: [UInt8]) throws(Refusal) -> [String: Any] {
    guard let json = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
      throw Refusal(.badManifest, "expected an object")
    }
    return json
  }
}
