import Domain
import Foundation
import Testing

@testable import Artifacts

@Suite("Packing")
struct PackTests {
  private let packer = ReleasePacker(manifests: FakeManifests())

  @Test("Packing twice gives the same bytes, also at another time, and the directory gets the archive's manifest")
  func reproducible() throws {
    let sample = try Sample()
    let first = try sample.directory.read("car-loan-1.tar")
    #expect(sample.packed.archiveDigest == Digest.named(Digest.sha256(first)))
    let again = try packer.pack("\(sample.directory.path)/car-loan/", createdAt: "2027-01-01T00:00:00Z")
    #expect(again == sample.packed)
    #expect(try sample.directory.read("car-loan-1.tar") == first)
    #expect(
      sample.packed.identity.digest == Digest.named(Digest.sha256(try sample.directory.read("car-loan/manifest.json"))))
    #expect(sample.packed.files.map(\.path) == ["model.onnx", "sets/e2e.jsonl"])
    #expect(!sample.directory.contents.contains { $0.hasSuffix(".partial") })
  }

  @Test("The bytes are those of Python's tarfile", arguments: ["1.0.0", "2.0.0"])
  func python(version: String) throws {
    let tar = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent(
        "Examples/breast-cancer/releases/breast-cancer-\(version).tar"
      ).path
    let directory = try TemporaryDirectory()
    _ = try Unpacker.unpack(tar, into: "\(directory.path)/release")
    let packed = try packer.pack("\(directory.path)/release", createdAt: Sample.createdAt)
    #expect(packed.archiveDigest == Digest.named(try Digest.sha256(ofFile: tar)))
    let source = try ReleaseSource(tar, manifests: FakeManifests())
    #expect(source.release.identity == packed.identity)
    #expect(source.archive?.digest == packed.archiveDigest)
  }

  @Test("Files that the list names besides stages and sets are packed, others are not")
  func extras() throws {
    let sample = try Sample()
    try sample.directory.write("car-loan/notes.md", [1])
    #expect(try packer.pack("\(sample.directory.path)/car-loan", createdAt: "").files.count == 2)
    let manifest = """
      {"name": "car-loan", "version": "2", "stages": {"model": {"file": "model.onnx"}},
       "files": [{"path": "notes.md", "sha256": "", "size": 0}]}
      """
    try sample.directory.write("car-loan/manifest.json", Array(manifest.utf8))
    let packed = try packer.pack("\(sample.directory.path)/car-loan", createdAt: Sample.createdAt)
    #expect(packed.files.map(\.path) == ["model.onnx", "notes.md"])
    #expect(packed.archivePath.hasSuffix("/car-loan-2.tar"))
  }

  @Test("What is missing, no file, or a link to the outside is refused by name")
  func refusals() throws {
    let sample = try Sample()
    let path = "\(sample.directory.path)/car-loan"
    func refused() -> Refusal? { refusal { () throws(Refusal) in _ = try packer.pack(path, createdAt: "") } }
    try FileManager.default.removeItem(atPath: "\(path)/model.onnx")
    #expect(refused()?.reason == .badManifest)
    #expect(refused()?.message.contains("model.onnx: named by the manifest, but No such file") == true)
    try FileManager.default.createDirectory(atPath: "\(path)/model.onnx", withIntermediateDirectories: false)
    #expect(refused()?.message.contains("found a directory") == true)
    try FileManager.default.removeItem(atPath: "\(path)/model.onnx")
    let outside = try sample.directory.write("outside", [1])
    try FileManager.default.createSymbolicLink(atPath: "\(path)/model.onnx", withDestinationPath: outside)
    #expect(refused()?.message.contains("found a link to") == true)
    let none = refusal { () throws(Refusal) in _ = try packer.pack("\(path)/nowhere", createdAt: "") }
    #expect(none?.reason == .badManifest)
  }

  @Test("A link inside of the release is packed as the file that it leads to")
  func insideLink() throws {
    let sample = try Sample()
    let path = "\(sample.directory.path)/car-loan"
    try FileManager.default.moveItem(atPath: "\(path)/model.onnx", toPath: "\(path)/real.onnx")
    try FileManager.default.createSymbolicLink(atPath: "\(path)/model.onnx", withDestinationPath: "real.onnx")
    #expect(try packer.pack(path, createdAt: "").archiveDigest == sample.packed.archiveDigest)
  }

  @Test("A directory is a source once it is packed and unchanged")
  func directorySource() throws {
    let sample = try Sample()
    let path = "\(sample.directory.path)/car-loan"
    let source = try ReleaseSource(path, manifests: FakeManifests())
    #expect(source.release.identity == sample.packed.identity)
    #expect(source.archive == nil)
    try sample.directory.write("car-loan/model.onnx", Array("A model".utf8))
    let changed = refusal { () throws(Refusal) in _ = try ReleaseSource(path, manifests: FakeManifests()) }
    #expect(changed?.reason == .digestMismatch)
    try sample.directory.write("car-loan/manifest.json", Array(Sample.manifest.utf8))
    let unpacked = refusal { () throws(Refusal) in _ = try ReleaseSource(path, manifests: FakeManifests()) }
    #expect(unpacked?.message.contains("understudy pack") == true)
  }

  @Test("A tar as a source is unpacked to a directory that goes away with it")
  func tarSource() throws {
    let sample = try Sample()
    var source: ReleaseSource? = try ReleaseSource(sample.packed.archivePath, manifests: FakeManifests())
    let directory = try #require(source?.release.directory)
    #expect(FileManager.default.fileExists(atPath: "\(directory)/model.onnx"))
    source = nil
    #expect(!FileManager.default.fileExists(atPath: directory))
  }
}
