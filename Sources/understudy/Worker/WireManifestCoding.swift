import Domain
import Wire

/// Manifests for the archives room, which knows no JSON.
struct WireManifestCoding: ManifestCoding {
  func decode(_ bytes: [UInt8]) throws(Refusal) -> Manifest {
    do throws(WireError) { return try ManifestCodec.decode(bytes) } catch {
      throw Refusal(.badManifest, "manifest.json: \(error)")
    }
  }

  func filled(_ bytes: [UInt8], files: [Manifest.FileEntry], createdAt: String) throws(Refusal) -> [UInt8] {
    do throws(WireError) { return try ManifestCodec.filled(bytes, files: files, createdAt: createdAt) } catch {
      throw Refusal(.badManifest, "manifest.json: \(error)")
    }
  }
}
