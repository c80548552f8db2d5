import Domain
import Foundation
import Synchronization
import Testing

@testable import Artifacts

@Suite("Verifying")
struct VerifyTests {
  private let root: TemporaryDirectory
  private let repository: DiskReleaseRepository

  init() throws {
    root = try TemporaryDirectory()
    repository = DiskReleaseRepository(root: root.path, chunks: FakeChunks(), manifests: FakeManifests())
  }

  /// An announcement of an archive made by hand, whose manifest lists `files`.
  private func announce(
    _ manifest: String?, files: [(String, [UInt8])], name: String = "car-loan", version: String = "1",
    digest: String? = nil
  ) throws -> ReleaseRecord {
    var tar = HandmadeTar()
    let manifestBytes = manifest.map { Array($0.utf8) } ?? []
    if manifest != nil { tar.add("manifest.json", manifestBytes) }
    for (path, content) in files { tar.add(path, content) }
    let archive = Digest.sha256(tar.ended)
    let path = try root.write("source-\(archive)", tar.ended)
    let identity = ReleaseIdentity(
      model: name, version: version, digest: digest ?? Digest.named(Digest.sha256(manifestBytes)))
    return Sample.record(identity, Digest.named(archive), Int64(tar.ended.count), "file:\(path)")
  }

  private func manifest(_ files: [(String, [UInt8])], stage: String = "model.onnx") -> String {
    let list = files.map { "{\"path\": \"\($0.0)\", \"sha256\": \"\(Digest.sha256($0.1))\", \"size\": \($0.1.count)}" }
    return """
      {"name": "car-loan", "version": "1", "stages": {"model": {"file": "\(stage)"}}, "files": [\(list.joined(separator: ","))]}
      """
  }

  private func check(_ record: ReleaseRecord, is reason: RefusalReason, says text: String) {
    let refused = refusal { () throws(Refusal) in _ = try repository.verify(record) }
    #expect(refused?.reason == reason)
    #expect(refused?.message.contains(text) == true, "\(refused?.message ?? "")")
    repository.remove(record)
    #expect(root.contents.filter { !$0.hasPrefix("source-") && $0 != "incoming" }.isEmpty)
  }

  @Test(
    "A fetched release is unpacked under its digest, its archive goes, and it opens again")
  func complete() throws {
    let sample = try Sample()
    try repository.fetch(sample.record)
    let stored = try repository.verify(sample.record)
    let hex = String(sample.packed.identity.digest.dropFirst(7))
    #expect(stored.directory == "\(root.path)/\(hex)")
    #expect(stored.manifest.files == sample.packed.files)
    let files = ["", "/manifest.json", "/model.onnx", "/sets", "/sets/e2e.jsonl"].map { hex + $0 }
    #expect(Set(root.contents) == Set(files + ["incoming"]))
    #expect(try repository.open(sample.packed.identity) == stored)
    #expect(try repository.verify(sample.record) == stored)
    repository.remove(sample.record)
    #expect(root.contents == ["incoming"])
    let gone = refusal { () throws(Refusal) in _ = try repository.open(sample.packed.identity) }
    #expect(gone?.message.contains("no such directory") == true)
  }

  @Test("P4: a manifest with another digest is refused before it is decoded")
  func manifestDigest() throws {
    let digest = Digest.named(String(repeating: "a", count: 64))
    check(try announce("not even JSON", files: [], digest: digest), is: .digestMismatch, says: "expected \(digest)")
  }

  @Test("P4: an archive without a manifest, or with a bad one, is refused")
  func noManifest() throws {
    check(try announce(nil, files: [("a", [1])]), is: .badManifest, says: "found none")
    check(try announce("[]", files: []), is: .badManifest, says: "expected an object")
  }

  @Test("P9: a release of another name or version than announced is refused")
  func identity() throws {
    let files = [("model.onnx", [UInt8(1)])]
    check(
      try announce(manifest(files), files: files, version: "2"), is: .badManifest,
      says: "expected car-loan 2, as announced, found car-loan 1")
    check(try announce(manifest(files), files: files, name: "other"), is: .badManifest, says: "expected other 1")
  }

  @Test("P4: a file that is missing, changed, longer, unlisted or unnamed is refused by name")
  func files() throws {
    let (model, more) = (("model.onnx", [UInt8(1), 2]), ("more", [UInt8(3)]))
    check(try announce(manifest([model, more]), files: [model]), is: .badManifest, says: "\"more\" is in the manifest")
    check(try announce(manifest([model]), files: [model, more]), is: .badManifest, says: "\"more\" is in the archive")
    check(try announce(manifest([more]), files: [more]), is: .badManifest, says: "\"model.onnx\" is named")
    check(
      try announce(manifest([model]), files: [("model.onnx", [1, 3])]), is: .digestMismatch,
      says: "\"model.onnx\": expected sha256:")
    check(
      try announce(manifest([model]), files: [("model.onnx", [1, 2, 3])]), is: .digestMismatch, says: "expected 2 bytes"
    )
  }

  @Test("P4: a release that is refused by another's digest does not take the other one's files with it")
  func borrowedDigest() throws {
    let sample = try Sample()
    _ = try repository.verify(sample.record)
    var liar = sample.record
    liar.identity.model = "other"
    #expect(refusal { () throws(Refusal) in _ = try repository.verify(liar) }?.reason == .badManifest)
    repository.remove(liar)
    _ = try repository.open(sample.packed.identity)
  }

  @Test("An archive that went away with another announcement is fetched again")
  func refetched() throws {
    let sample = try Sample()
    try repository.fetch(sample.record)
    var liar = sample.record
    liar.identity.digest = Digest.named(String(repeating: "b", count: 64))
    repository.remove(liar)
    _ = try repository.verify(sample.record)
  }

  @Test("Threads that want the same release at the same time all get it")
  func together() throws {
    let sample = try Sample(model: [UInt8](repeating: 1, count: 300_000))
    let refusals = Mutex<[Refusal]>([])
    DispatchQueue.concurrentPerform(iterations: 16) { _ in
      do throws(Refusal) {
        try repository.fetch(sample.record)
        _ = try repository.verify(sample.record)
      } catch {
        refusals.withLock { $0.append(error) }
      }
    }
    #expect(refusals.withLock { $0 }.isEmpty)
    #expect(root.contents.allSatisfy { !$0.hasSuffix(".partial") })
    _ = try repository.open(sample.packed.identity)
  }

  @Test("P6: a directory that a killed process has left half unpacked is done again")
  func leftover() throws {
    let sample = try Sample()
    let hex = sample.packed.identity.digest.dropFirst(7)
    try root.write("\(hex).partial/model.onnx", [9])
    _ = try repository.verify(sample.record)
    #expect(!root.exists("\(hex).partial"))
  }

  @Test("A stored release whose manifest was changed on disk does not open")
  func tampered() throws {
    let sample = try Sample()
    let stored = try repository.verify(sample.record)
    try Data([1]).write(to: URL(fileURLWithPath: "\(stored.directory)/manifest.json"))
    #expect(refusal { () throws(Refusal) in _ = try repository.open(stored.identity) }?.reason == .digestMismatch)
  }

  @Test("P4: a stored release whose stage was changed on disk does not open, in the worker or in the probe")
  func tamperedStage() throws {
    let sample = try Sample()
    let stored = try repository.verify(sample.record)
    #expect(try VerifiedRelease.open(stored.directory, manifests: FakeManifests()) == stored)
    for bytes in [Array("A model".utf8), [], nil] {
      let url = URL(fileURLWithPath: "\(stored.directory)/model.onnx")
      if let bytes { try Data(bytes).write(to: url) } else { try FileManager.default.removeItem(at: url) }
      let refused = refusal { () throws(Refusal) in _ = try repository.open(stored.identity) }
      #expect(refused?.reason == .digestMismatch && refused?.message.contains("model.onnx") == true)
      let probed = refusal { () throws(Refusal) in
        _ = try VerifiedRelease.open(stored.directory, manifests: FakeManifests())
      }
      #expect(probed == refused)
    }
  }

  @Test("P4: a stored release that cannot be read now may be opened later; one that is gone may not")
  func unreadable() throws {
    let sample = try Sample()
    let stored = try repository.verify(sample.record)
    try FileManager.default.removeItem(atPath: "\(stored.directory)/manifest.json")
    let gone = refusal { () throws(Refusal) in _ = try repository.open(stored.identity) }
    #expect(gone?.mayRetry == false)
    try FileManager.default.createSymbolicLink(
      atPath: "\(stored.directory)/manifest.json", withDestinationPath: "/proc/self/mem")
    let refused = refusal { () throws(Refusal) in _ = try repository.open(stored.identity) }
    #expect(refused?.mayRetry == true)
  }

  @Test("A sweep keeps what belongs to releases that are used or under way, and nothing else")
  func sweep() throws {
    let (first, second) = (try Sample(), try Sample(model: [1, 2, 3]))
    _ = try repository.verify(first.record)
    try repository.fetch(second.record)
    try root.write("incoming/x.tar.partial", [1])
    try root.write("\(String(repeating: "0", count: 64))/model.onnx", [1])
    try root.write("abc.partial/model.onnx", [1])
    func kept(_ steps: ReleaseStep...) -> [String] {
      var records = [first.record, second.record]
      for (index, step) in steps.enumerated() { records[index].step = step }
      repository.sweep(keeping: records)
      return root.contents.filter { !$0.contains("/") || $0.hasPrefix("incoming/") }
    }
    let directory = String(first.packed.identity.digest.dropFirst(7))
    let archive = "incoming/\(second.packed.archiveDigest.dropFirst(7)).tar"
    #expect(Set(kept(.live, .fetched)) == ["incoming", directory, archive])
    #expect(Set(kept(.stored, .refused)) == ["incoming", directory])
    #expect(Set(kept(.retired)) == ["incoming"])
  }
}
