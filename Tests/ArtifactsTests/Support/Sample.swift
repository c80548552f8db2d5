import Artifacts
import Domain
import Testing

/// A small release in a directory, packed, and its announcement.
struct Sample {
  let directory: TemporaryDirectory
  let packed: PackedRelease
  let record: ReleaseRecord

  static let createdAt = "2026-11-20T09:58:00Z"
  static let manifest = """
    {"name": "car-loan", "version": "1", "stages": {"model": {"file": "model.onnx"}}, "end_to_end_set": {"file": "sets/e2e.jsonl"}}
    """

  init(model: [UInt8] = Array("a model".utf8), manifest: String = Sample.manifest) throws {
    directory = try TemporaryDirectory()
    try directory.write("car-loan/manifest.json", Array(manifest.utf8))
    try directory.write("car-loan/model.onnx", model)
    try directory.write("car-loan/sets/e2e.jsonl", Array("{}\n".utf8))
    packed = try ReleasePacker(manifests: FakeManifests()).pack("\(directory.path)/car-loan", createdAt: Self.createdAt)
    record = Self.record(packed.identity, packed.archiveDigest, packed.archiveSize, "file://\(packed.archivePath)")
  }

  /// The announcement of an archive.
  static func record(
    _ identity: ReleaseIdentity, _ archiveDigest: String, _ size: Int64, _ uri: String,
    step: ReleaseStep = .announced
  ) -> ReleaseRecord {
    let ready = ModelReady(identity: identity, archiveDigest: archiveDigest, size: size, uri: uri)
    var record = ReleaseRecord(ready, intent: .activate, commandID: "c1", sequence: 0, at: 0)
    record.step = step
    return record
  }

  /// The archive in chunks, with offsets from `first`.
  func chunks(from first: Int64 = 0) throws -> [TopicRecord] {
    let chunks = try ReleaseChunks(
      archivePath: packed.archivePath, archiveDigest: packed.archiveDigest, size: packed.archiveSize)
    var records: [TopicRecord] = []
    while var record = try chunks.next() {
      record.offset = first + Int64(records.count)
      records.append(record)
    }
    return records
  }
}

/// The refusal that `body` ends with; fails the test if there is none.
func refusal(_ body: () throws(Refusal) -> Void, _ location: SourceLocation = #_sourceLocation) -> Refusal? {
  do throws(Refusal) {
    try body()
    Issue.record("expected a refusal", sourceLocation: location)
    return nil
  } catch {
    return error
  }
}
